/** Climbs the whole ladder: runs the real programs of every stage on real input, and checks each stage's claim. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import pc from "picocolors";
import { createProgram, wholeNumber } from "../../common/cli.ts";
import type { Measurements } from "../../common/iris.ts";
import { type RungReport, secondsSince } from "../demos/report.ts";
import { showRefusal } from "../demos/stage_3.ts";
import { type KafkaStage, showQueue } from "../demos/stage_4.ts";
import { showBalance } from "../demos/stage_5.ts";
import { showLoop, showOneQuestion, showTraining } from "../demos/stages_0_to_2.ts";
import { atEnd, cleanUp, cleanUpWhenInterrupted } from "../harness/cleanup.ts";
import { openKafkaCorner } from "../harness/kafka_corner.ts";
import { tourQuestions } from "./questions.ts";
import { formatSummary, NEXT } from "./summary.ts";

interface Step {
  stage: number;
  /** What it shows, in one line. */
  title: string;
  /** How to run it oneself. */
  command: string;
  needsKafka?: true;
  run(): Promise<RungReport>;
}

const TASKS = 24;

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
/** As many as are wanted, the list begun again at its end. */
const take = (count: number) =>
  Array.from({ length: count }, (_, i) => questions[i % questions.length] as Measurements);
const [question] = take(1) as [Measurements];

cleanUpWhenInterrupted();
const folder = await mkdtemp(join(tmpdir(), "iris-tour-"));
atEnd(() => rm(folder, { recursive: true, force: true }));
let kafka: KafkaStage | undefined;

const STEPS: Step[] = [
  {
    stage: 0,
    title: "train once, save an artifact",
    command: "npm run train",
    run: () => showTraining(join(folder, "model.json")),
  },
  {
    stage: 1,
    title: "a program around the artifact: one question, one process",
    command: "npx tsx 1_monolith_cli/app.ts 6 3 4 1",
    run: () => showOneQuestion(question),
  },
  {
    stage: 2,
    title: "load once, answer many",
    command: "npx tsx 2_monolith_user_input_loop/app.ts",
    run: () => showLoop(take(12)),
  },
  {
    stage: 3,
    title: "a server that many clients share; at its limit it answers 503",
    command: "npm run demo:503",
    run: () => showRefusal({ inferenceTime: 2, question }),
  },
  {
    stage: 4,
    title: "a queue between them: nothing refused, nothing lost, but no answer, and a second worker idle",
    command: "npm run demo:queue",
    needsKafka: true,
    run: () => showQueue(kafka as KafkaStage, { questions: take(6), inferenceTime: 0.5 }),
  },
  {
    stage: 5,
    title: "answers find their way back, workers share the load; one is killed and nothing is lost",
    command: "npm run demo:balance",
    needsKafka: true,
    run: () => showBalance(kafka as KafkaStage, { workers: 3, questions: take(TASKS), inferenceTime: 0.5 }),
  },
];

const reports = new Map<number, RungReport>();
try {
  for (const step of STEPS) {
    if (options.stage === undefined || options.stage === step.stage) await climb(step);
  }
  const claims = [...reports.values()];
  console.log(`\n${formatSummary(reports)}\n\n${NEXT}`);
  process.exitCode = claims.every(({ held }) => held) ? 0 : 1;
} finally {
  await cleanUp();
}
process.exit();

/** Runs one stage. What goes wrong in it is a claim that did not hold, and the tour goes on. */
async function climb(step: Step): Promise<void> {
  if (options.pause) await waitForEnter(step.stage);
  console.log(`\n${pc.bold(`Stage ${step.stage}: ${step.title}`)}\nRun it yourself: ${step.command}`);
  const start = performance.now();
  try {
    if (step.needsKafka) kafka ??= await openKafkaCorner();
    reports.set(step.stage, await step.run());
  } catch (error) {
    console.error(`${pc.red("✗")} ${(error as Error).message}`);
    reports.set(step.stage, { held: false, refused: 0, lost: 0 });
  }
  console.log(`${secondsSince(start).toFixed(1)} s`);
}

/** At the end of input it waits no more. */
async function waitForEnter(stage: number): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  await Promise.race([lines.question(`\nPress Enter for stage ${stage} `), once(lines, "close")]);
  lines.close();
}
