/**
 * Many tasks at once, over all partitions: stage 5's worker, a plain eachBatch loop, and BullMQ where a
 * Redis is.
 */
import { randomUUID } from "node:crypto";
import { endAtEnd } from "../../harness/cleanup.ts";
import { run, start } from "../../harness/programs.ts";
import { explainNoRedis } from "../baselines/redis.ts";
import { type Report, ratios, repeat } from "../report.ts";
import { median } from "../statistics.ts";
import { runClient } from "./load.ts";
import { type Bench, PARTITIONS } from "./sandbox.ts";

const TASKS = 3000;
/** The first ones run in code that is not compiled yet. The median is that of a warm worker. */
const BURSTS = 12;
const CLIENT = "lab/bench/baselines/kafkajs_client.ts";

/** Bursts of tasks until all are answered, beside plain kafkajs and BullMQ. */
export async function measureBursts(bench: Bench, rounds: number): Promise<Report> {
  const noRedis = await explainNoRedis(process.env);
  if (noRedis !== undefined) console.error(`bursts: without BullMQ, since ${noRedis}`);
  const stage5: number[] = [];
  const loop: number[] = [];
  const bullmq: number[] = [];
  await repeat("bursts", rounds, async () => {
    stage5.push(await rateOfWorker(bench, "5_task_queue/worker.ts", ["--quiet"]));
    loop.push(await rateOfWorker(bench, "lab/bench/baselines/kafkajs_batch_worker.ts", []));
    if (noRedis === undefined) bullmq.push(await rateOfBullmq());
  });
  const unit = "tasks/s";
  const withBullmq = [
    { what: "BullMQ, 50 tasks at a time", values: bullmq, unit, digits: 0 },
    { what: "stage 5 / BullMQ", values: ratios(stage5, bullmq), atLeast: 2 },
  ];
  return {
    title: `Bursts of ${TASKS} tasks on ${PARTITIONS} partitions, one worker, ${rounds} rounds of ${BURSTS}`,
    figures: [
      { what: "plain kafkajs, eachBatch", values: loop, unit, digits: 0 },
      { what: "stage 5's worker", values: stage5, unit, digits: 0 },
      { what: "stage 5 / plain kafkajs", values: ratios(stage5, loop), atLeast: 1 },
      ...(noRedis === undefined ? withBullmq : []),
    ],
  };
}

async function rateOfWorker(bench: Bench, worker: string, args: string[]): Promise<number> {
  const sandbox = await bench.openSandbox();
  await sandbox.startWorkers(worker, args);
  const milliseconds = await runClient(sandbox, CLIENT, BURSTS, TASKS);
  await sandbox.close();
  return (TASKS / median(milliseconds)) * 1000;
}

async function rateOfBullmq(): Promise<number> {
  const env = { BENCH_QUEUE: `bench-${randomUUID()}`, REDIS_URL: process.env.REDIS_URL ?? "" };
  const worker = endAtEnd(start("lab/bench/baselines/bullmq_worker.ts", [], { env }));
  await worker.waitFor(/^Ready$/);
  const client = "lab/bench/baselines/bullmq_client.ts";
  const milliseconds = await runClient(
    { run: (file, args) => run(file, args, { env }) },
    client,
    BURSTS,
    TASKS,
  );
  await worker.stop();
  return (TASKS / median(milliseconds)) * 1000;
}
