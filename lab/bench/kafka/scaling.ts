/** Tasks that take their time, shared by 1, 2 and 4 workers: how near to the ideal it comes, plain kafkajs beside it. */

import { plural } from "../../../common/plural.ts";
import type { Report } from "../report.ts";
import type { Ground } from "./ground.ts";

const TASKS = 100;
const SECONDS = 0.1;
const CONTENDERS = [
  {
    name: "plain kafkajs",
    worker: "lab/bench/baselines/kafkajs_worker.ts",
    asker: "lab/bench/baselines/kafkajs_client.ts",
  },
  { name: "stage 5", worker: "5_task_queue/worker.ts", asker: "lab/bench/kafka/load_client.ts" },
];

export async function measureScaling(ground: Ground, rounds: number): Promise<Report> {
  const figures: Report["figures"] = [];
  for (const workers of [1, 2, 4]) {
    const shares: number[][] = CONTENDERS.map(() => []);
    const ideal = (TASKS * SECONDS * 1000) / workers;
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, { worker, asker }] of CONTENDERS.entries()) {
        const corner = await ground.openCorner();
        await corner.startWorkers(worker, ["--inference-time", String(SECONDS)], workers);
        const { stdout, stderr } = await corner.run(asker, ["1", String(TASKS)]);
        if (stderr !== "") throw new Error(`${asker}: ${stderr}`);
        const [milliseconds = Number.NaN] = JSON.parse(stdout) as number[];
        shares[index]?.push(ideal / milliseconds);
        await corner.close();
      }
    }
    for (const [index, { name }] of CONTENDERS.entries()) {
      const what = `${plural(workers, "worker")}, ${name}`;
      figures.push({
        what,
        values: shares[index] ?? [],
        digits: 3,
        ...(name === "stage 5" ? { atLeast: 0.93 } : {}),
      });
    }
  }
  const work = `${TASKS} tasks of ${SECONDS * 1000} ms on 12 partitions`;
  return { title: `Ideal time / time from send to last answer, ${work}, ${rounds} rounds`, figures };
}
