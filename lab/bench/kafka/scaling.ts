/**
 * Tasks that take their time, shared by 1, 2 and 4 workers: how near to the ideal it comes, plain kafkajs
 * beside it.
 */
import { plural } from "../../../common/plural.ts";
import { type Report, repeat } from "../report.ts";
import { runClient } from "./load.ts";
import type { Bench } from "./sandbox.ts";

const TASKS = 100;
const SECONDS = 0.1;
const PLAIN = {
  name: "plain kafkajs",
  worker: "lab/bench/baselines/kafkajs_worker.ts",
  client: "lab/bench/baselines/kafkajs_client.ts",
};
const STAGE_5 = {
  name: "stage 5",
  worker: "5_task_queue/worker.ts",
  client: "lab/bench/kafka/load_client.ts",
  atLeast: 0.93,
};

/** Tasks that take time, with one worker after the other added. */
export async function measureScaling(bench: Bench, rounds: number): Promise<Report> {
  const figures: Report["figures"] = [];
  for (const workers of [1, 2, 4]) {
    const contenders = [PLAIN, STAGE_5].map((contender) => ({ ...contender, values: [] as number[] }));
    const ideal = (TASKS * SECONDS * 1000) / workers;
    await repeat(`scaling, ${plural(workers, "worker")}`, rounds, async () => {
      for (const { worker, client, values } of contenders) {
        const sandbox = await bench.openSandbox();
        await sandbox.startWorkers(worker, ["--inference-time", String(SECONDS)], workers);
        const [milliseconds = Number.NaN] = await runClient(sandbox, client, 1, TASKS);
        values.push(ideal / milliseconds);
        await sandbox.close();
      }
    });
    for (const { name, values, worker: _, client: __, ...target } of contenders) {
      figures.push({ what: `${plural(workers, "worker")}, ${name}`, values, digits: 3, ...target });
    }
  }
  const work = `${TASKS} tasks of ${SECONDS * 1000} ms on 12 partitions`;
  return { title: `Ideal time / time from send to last answer, ${work}, ${rounds} rounds`, figures };
}
