/**
 * One task there and back, one after the other: stage 5's client and worker, and plain kafkajs on the same
 * hops.
 */
import { type Report, ratios, repeat } from "../report.ts";
import { quantile } from "../statistics.ts";
import { runClient } from "./load.ts";
import type { Bench } from "./sandbox.ts";

const TASKS = 1000;
const BATCH_WORKER = "lab/bench/baselines/kafkajs_batch_worker.ts";
const RAW_CLIENT = "lab/bench/baselines/kafkajs_client.ts";

/** One task after the other, beside loops of plain kafkajs. */
export async function measureRoundTrip(bench: Bench, rounds: number): Promise<Report> {
  const stage5 = contender("5_task_queue/worker.ts", ["--quiet"], "lab/bench/kafka/load_client.ts");
  const itsWorker = contender("5_task_queue/worker.ts", ["--quiet"], RAW_CLIENT);
  const eachMessage = contender("lab/bench/baselines/kafkajs_worker.ts", [], RAW_CLIENT);
  const committing = contender(BATCH_WORKER, [], RAW_CLIENT);
  const careless = contender(BATCH_WORKER, ["--no-commit"], RAW_CLIENT);
  await repeat("round-trip", rounds, async () => {
    for (const { worker, args, client, p50, p99 } of [stage5, itsWorker, eachMessage, committing, careless]) {
      const sandbox = await bench.openSandbox();
      await sandbox.startWorkers(worker, args);
      const times = await runClient(sandbox, client, TASKS, 1);
      p50.push(quantile(times, 0.5));
      p99.push(quantile(times, 0.99));
      await sandbox.close();
    }
  });
  const unit = "ms";
  return {
    title: `Round trip of one task on a warm client, ${rounds} rounds of ${TASKS} tasks`,
    figures: [
      { what: "kafkajs, eachMessage, p50", values: eachMessage.p50, unit },
      { what: "kafkajs, eachBatch, commit awaited, p50", values: committing.p50, unit },
      { what: "kafkajs, eachBatch, no commit, p50", values: careless.p50, unit },
      { what: "stage 5, p50", values: stage5.p50, unit },
      { what: "its worker, asked by kafkajs, p50", values: itsWorker.p50, unit },
      { what: "its worker / commit awaited", values: ratios(itsWorker.p50, committing.p50), atMost: 0.75 },
      { what: "its worker / no commit", values: ratios(itsWorker.p50, careless.p50) },
      { what: "stage 5 / eachMessage, p50", values: ratios(stage5.p50, eachMessage.p50), atMost: 1.3 },
      { what: "kafkajs, eachMessage, p99", values: eachMessage.p99, unit },
      { what: "stage 5, p99", values: stage5.p99, unit, atMost: 50 },
    ],
  };
}

function contender(worker: string, args: string[], client: string) {
  return { worker, args, client, p50: [] as number[], p99: [] as number[] };
}
