/** From the checks to the stages: which can run, and which cannot for which reason. */
import type { Check } from "./check.ts";

const STAGES = [0, 1, 2, 3, 4, 5];

/** One reason or several for each stage that cannot run. */
function reasonsByStage(checks: readonly Check[]): string[] {
  return STAGES.map((stage) =>
    checks.flatMap(({ blocks }) => (blocks?.stages.includes(stage) ? blocks.because : [])).join("; "),
  );
}

/** {"0": true, ...} */
export function stagesThatCanRun(checks: readonly Check[]): Record<string, boolean> {
  return Object.fromEntries(reasonsByStage(checks).map((reason, stage) => [stage, reason === ""]));
}

/** As "Stages 0 to 3 can run. Stages 4 and 5 cannot: no Kafka answers at localhost:9092." */
export function sayWhichCanRun(checks: readonly Check[]): string {
  const reasons = reasonsByStage(checks);
  // The stages that can run first; those which cannot in order, together where the reason is the same.
  const distinct = [...new Set(reasons)].sort((a, b) => Number(a !== "") - Number(b !== ""));
  return distinct
    .map((reason) => {
      const stages = STAGES.filter((stage) => reasons[stage] === reason);
      return reason === "" ? `${listStages(stages)} can run.` : `${listStages(stages)} cannot: ${reason}.`;
    })
    .join(" ");
}

function listStages(stages: number[]): string {
  const [first = 0, last = 0] = [stages[0], stages.at(-1)];
  if (stages.length === 1) return `Stage ${first}`;
  if (stages.length > 2 && last - first === stages.length - 1) return `Stages ${first} to ${last}`;
  return `Stages ${stages.slice(0, -1).join(", ")} and ${last}`;
}
