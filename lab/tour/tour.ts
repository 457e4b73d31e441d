/**
 * Climbs the whole ladder: runs the real programs of every stage on real input, and checks each stage's
 * claim.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createProgram, wholeNumber } from "../../common/cli.ts";
import type { Measurements } from "../../common/iris.ts";
import { type KafkaStage, openKafkaStage, tellSwept } from "../demos/kafka_stage.ts";
import { tell, terminalWidth } from "../demos/narrate.ts";
import { type StageReport, secondsSince } from "../demos/report.ts";
import { runToEnd } from "../harness/cleanup.ts";
import { colors } from "../harness/colors.ts";
import { sweepFolders, temporaryFolder } from "../harness/leftovers.ts";
import { tourQuestions } from "./questions.ts";
import { INFERENCE_TIME, STEPS, type Step, type Tools } from "./steps.ts";
import { formatSummary } from "./summary.ts";

const options = createProgram(
  "lab/tour/tour.ts",
  "Runs all six stages on real input and checks what each of them claims.",
  "npm start\n  npm start -- --pause\n  npm start -- --stage 3 --file my_irises.csv",
)
  .option("--pause", "wait for Enter before each stage, for a class")
  .option("--stage <n>", "run one stage alone", wholeNumber(0, 5))
  .option("--file <my.csv>", "your own measurements: sepal_length,sepal_width,petal_length,petal_width")
  .parse()
  .opts();

const questions = tourQuestions(options.file);

await runToEnd(async () => {
  tellSwept(await sweepFolders());
  let kafka: KafkaStage | undefined;
  const tools: Tools = {
    folder: await temporaryFolder("tour"),
    // The list is begun again at its end.
    take: (count) => Array.from({ length: count }, (_, i) => questions[i % questions.length] as Measurements),
    async kafka() {
      kafka ??= await openKafkaStage();
      return kafka;
    },
  };
  const reports = new Map<number, StageReport>();
  for (const step of STEPS) {
    if (options.stage !== undefined && options.stage !== step.stage) continue;
    if (options.pause) await waitForEnter(step.stage);
    reports.set(step.stage, await climb(step, tools));
  }
  console.log(`\n${formatSummary(reports, terminalWidth(), INFERENCE_TIME)}`);
  return [...reports.values()].every(({ held }) => held) ? 0 : 1;
});

/** Runs one stage. What goes wrong in it is a claim that did not hold, and the tour goes on. */
async function climb({ stage, title, command, run }: Step, tools: Tools): Promise<StageReport> {
  console.log();
  tell(colors().bold(`Stage ${stage}: ${title}`));
  tell(`Run it yourself: ${command}`);
  const start = performance.now();
  const report = await run(tools).catch((error: Error) => {
    console.error(`${colors().red("✗")} ${error.message}`);
    return { held: false };
  });
  console.log(`${secondsSince(start).toFixed(1)} s`);
  return report;
}

/** At the end of input it waits no more. */
async function waitForEnter(stage: number): Promise<void> {
  process.stdout.write(`\nPress Enter for stage ${stage} `);
  // Without the library's own keys: on a terminal it would keep Ctrl-C to itself.
  const lines = createInterface({ input: process.stdin, terminal: false });
  await Promise.race([once(lines, "line"), once(lines, "close")]);
  lines.close();
}
