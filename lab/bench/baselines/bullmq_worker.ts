/** Another kind of queue: BullMQ on Redis. Its worker, which answers 50 tasks at the same time. */
import { Worker } from "bullmq";
import { loadClassifier } from "../../../common/classifier.ts";
import { createProgram } from "../../../common/cli.ts";
import type { Measurements } from "../../../common/iris.ts";
import { onShutdown } from "../../../common/shutdown.ts";
import { readRedis } from "./redis.ts";

createProgram(
  "lab/bench/baselines/bullmq_worker.ts",
  "Answers tasks from BullMQ, for benchmarks.",
  "REDIS_URL=redis://localhost:6379 node --import tsx lab/bench/baselines/bullmq_worker.ts",
).parse();

const { connection, queue } = readRedis(process.env);
const classifier = loadClassifier();
const worker = new Worker<Measurements>(queue, async ({ data }) => classifier.predict(data), {
  connection,
  concurrency: 50,
});
await worker.waitUntilReady();
console.log("Ready");
onShutdown(() => worker.close());
