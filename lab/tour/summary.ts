/** The end of the tour: a table of what was measured, the timeline of stage 5, and what to try next. */
import Table from "cli-table3";
import pc from "picocolors";
import type { RungReport } from "../demos/report.ts";

const NAMES = ["notebook", "command line", "prompt", "client and server", "message queue", "task queue"];

/** Everything was measured in this run. A dash: the question does not arise. */
export function formatSummary(reports: ReadonlyMap<number, RungReport>): string {
  const head = [
    "stage",
    "",
    "seconds to an answer",
    "questions a second",
    "refused",
    "lost",
    "workers",
    "claims",
  ];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const [stage, report] of reports) {
    table.push([
      stage,
      NAMES[stage] ?? "",
      report.secondsToAnswer?.toFixed(3) ?? "-",
      report.questionsPerSecond?.toFixed(1) ?? "-",
      report.refused,
      report.lost,
      report.workers ?? "-",
      report.held ? pc.green("✓") : pc.red("✗"),
    ]);
  }
  const timeline = reports.get(5)?.timeline;
  const picture =
    timeline === undefined
      ? ""
      : `\n\nWho worked when in stage 5 (a row a worker, a block a task):\n${timeline}`;
  return `${table}${picture}`;
}

export const NEXT = `Try next:
  npx tsx 2_monolith_user_input_loop/app.ts     ask it yourself
  npm run demo:503                              refuse a client
  npm run demo:balance                          share the load, and kill a worker`;
