/** One task there and back, one after the other: stage 5's client and worker, and plain kafkajs on the same hops. */

import { type Report, ratios } from "../report.ts";
import { quantile } from "../statistics.ts";
import type { Ground } from "./ground.ts";

const TASKS = 1000;
const CONTENDERS = [
  { worker: ["5_task_queue/worker.ts", "--quiet"], asker: "lab/bench/kafka/load_client.ts" },
  { worker: ["lab/bench/baselines/kafkajs_worker.ts"], asker: "lab/bench/baselines/kafkajs_client.ts" },
] as const;

export async function measureRoundTrip(ground: Ground, rounds: number): Promise<Report> {
  const p50: number[][] = CONTENDERS.map(() => []);
  const p99: number[][] = CONTENDERS.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { worker, asker }] of CONTENDERS.entries()) {
      const corner = await ground.openCorner();
      const [file, ...args] = worker;
      await corner.startWorkers(file, args);
      const { stdout, stderr } = await corner.run(asker, [String(TASKS), "1"]);
      if (stderr !== "") throw new Error(`${asker}: ${stderr}`);
      const times = JSON.parse(stdout) as number[];
      p50[index]?.push(quantile(times, 0.5));
      p99[index]?.push(quantile(times, 0.99));
      await corner.close();
    }
  }
  const [ours = [], raw = []] = p50;
  const [oursSlow = [], rawSlow = []] = p99;
  const unit = "ms";
  return {
    title: `Round trip of one task on a warm client, ${rounds} rounds of ${TASKS} tasks`,
    figures: [
      { what: "plain kafkajs, p50", values: raw, unit },
      { what: "stage 5, p50", values: ours, unit },
      { what: "stage 5 / plain kafkajs, p50", values: ratios(ours, raw), atMost: 1.3 },
      { what: "plain kafkajs, p99", values: rawSlow, unit },
      { what: "stage 5, p99", values: oursSlow, unit, atMost: 50 },
    ],
  };
}
