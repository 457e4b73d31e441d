/** Trivial tasks that wait in the queue, one worker: what the batches of stage 5's are worth. */

import { type Report, ratios } from "../report.ts";
import type { Ground } from "./ground.ts";
import { makeQuestions, rateOf } from "./questions.ts";

/** The loops, which send and commit each task by itself, get fewer: their rate does not depend on it. */
const CONTENDERS = [
  { file: "lab/bench/baselines/kafkajs_worker.ts", args: ["--commit-each"], tasks: 5_000 },
  { file: "4_message_queue/worker.ts", args: [], tasks: 5_000 },
  { file: "5_task_queue/worker.ts", args: ["--quiet"], tasks: 20_000 },
];

export async function measureThroughput(ground: Ground, rounds: number): Promise<Report> {
  const rates: number[][] = CONTENDERS.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { file, args, tasks }] of CONTENDERS.entries()) {
      const corner = await ground.openCorner();
      const questions = makeQuestions(tasks);
      await corner.send(
        "tasks",
        questions.map(({ value }) => value),
      );
      corner.start(file, args);
      const results = await corner.readAll("results", tasks);
      rates[index]?.push(rateOf(results, questions));
      await corner.close();
    }
  }
  const [loop = [], stage4 = [], stage5 = []] = rates;
  const unit = "tasks/s";
  return {
    title: `Tasks a second of one worker, ${rounds} rounds, no task lost`,
    figures: [
      { what: "plain kafkajs, each task sent and committed by itself", values: loop, unit, digits: 0 },
      { what: "stage 4's worker", values: stage4, unit, digits: 0 },
      { what: "stage 5's worker", values: stage5, unit, digits: 0 },
      { what: "stage 4 / plain kafkajs", values: ratios(stage4, loop) },
      { what: "stage 5 / plain kafkajs", values: ratios(stage5, loop), atLeast: 8 },
    ],
  };
}
