/** Trivial tasks that wait in the queue, one worker: what the batches of stage 5's are worth. */
import { type Report, ratios, repeat } from "../report.ts";
import { makeTasks, rateOf } from "./load.ts";
import type { Bench } from "./sandbox.ts";

/** The loop that sends and commits each task by itself gets fewer: its rate does not depend on it. */
const CONTENDERS = [
  { file: "lab/bench/baselines/kafkajs_worker.ts", args: ["--commit-each"], count: 5_000 },
  { file: "4_message_queue/worker.ts", args: [], count: 5_000 },
  { file: "5_task_queue/worker.ts", args: ["--quiet"], count: 20_000 },
];

/** Tasks a second of one worker, beside plain kafkajs. */
export async function measureThroughput(bench: Bench, rounds: number): Promise<Report> {
  const rates: number[][] = CONTENDERS.map(() => []);
  await repeat("throughput", rounds, async () => {
    for (const [index, { file, args, count }] of CONTENDERS.entries()) {
      const sandbox = await bench.openSandbox();
      const tasks = makeTasks(count);
      await sandbox.send(
        "tasks",
        tasks.map(({ value }) => value),
      );
      sandbox.start(file, args);
      rates[index]?.push(rateOf(await sandbox.readAll("results", count), tasks));
      await sandbox.close();
    }
  });
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
