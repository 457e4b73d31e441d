/** The six stages of the tour: what each shows, and how it is run. */
import { join } from "node:path";
import type { Measurements } from "../../common/iris.ts";
import type { KafkaStage } from "../demos/kafka_stage.ts";
import type { StageReport } from "../demos/report.ts";
import { showRefusal, showRush } from "../demos/stage_3.ts";
import { showQueue } from "../demos/stage_4.ts";
import { showBalance } from "../demos/stage_5.ts";
import { showLoop, showOneQuestion, showTraining } from "../demos/stages_0_to_2.ts";

export interface Step {
  stage: number;
  /** What it shows, in one line. */
  title: string;
  /** How to run it oneself. */
  command: string;
  run(tools: Tools): Promise<StageReport>;
}

export interface Tools {
  /** For files. */
  folder: string;
  /** So many questions. */
  take(count: number): Measurements[];
  /** Finds or starts a Kafka at the first call. */
  kafka(): Promise<KafkaStage>;
}

/** Seconds that one answer is made to take in stages 3 to 5, and how many are asked for at the same time. */
export const INFERENCE_TIME = 0.25;
const QUESTIONS = 24;
/** Stage 3's server answers as many at the same time as stage 5 has workers. */
const WORKERS = 3;

export const STEPS: Step[] = [
  {
    stage: 0,
    title: "train once, save an artifact",
    command: "npm run train",
    run: ({ folder }) => showTraining(join(folder, "model.json")),
  },
  {
    stage: 1,
    title: "a program around the artifact: one question, one process",
    command: "npx tsx 1_monolith_cli/app.ts 6 3 4 1",
    run: ({ take }) => showOneQuestion(take(1)[0] as Measurements),
  },
  {
    stage: 2,
    title: "load once, answer many",
    command: "npx tsx 2_monolith_user_input_loop/app.ts",
    run: ({ take }) => showLoop(take(12)),
  },
  {
    stage: 3,
    title: "a server that many clients share; at its limit it answers 503",
    command: "npm run demo:503",
    async run({ take }) {
      const refusal = await showRefusal({ inferenceTime: 1, question: take(1)[0] as Measurements });
      const rush = await showRush({
        places: WORKERS,
        inferenceTime: INFERENCE_TIME,
        questions: take(QUESTIONS),
      });
      return { ...rush, held: rush.held && refusal.held };
    },
  },
  {
    stage: 4,
    title: "a queue: nothing refused, nothing lost. But nobody is told, and a second worker is idle",
    command: "npm run demo:queue",
    run: async ({ take, kafka }) =>
      showQueue(await kafka(), { questions: take(QUESTIONS), inferenceTime: INFERENCE_TIME }),
  },
  {
    stage: 5,
    title: "answers find their way back, and workers share the load; one is killed and nothing is lost",
    command: "npm run demo:balance",
    run: async ({ take, kafka }) =>
      showBalance(await kafka(), {
        workers: WORKERS,
        questions: take(QUESTIONS),
        inferenceTime: INFERENCE_TIME,
      }),
  },
];
