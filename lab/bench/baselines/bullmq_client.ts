/** Another kind of queue: BullMQ on Redis. Its client, which sends all tasks with one addBulk(). */
import { Queue, QueueEvents } from "bullmq";
import { askAsTold } from "../kafka/load.ts";
import { readRedis } from "./redis.ts";

const { connection, queue: name } = readRedis(process.env);
const queue = new Queue(name, { connection });
const events = new QueueEvents(name, { connection });
await events.waitUntilReady();

const open = new Map<string, () => void>();
events.on("completed", ({ jobId }) => open.get(jobId)?.());

let sent = 0;
await askAsTold(async (samples) => {
  const jobs = samples.map((data) => {
    sent += 1;
    return { name: "iris", data, opts: { jobId: `task-${sent}`, removeOnComplete: true } };
  });
  const answered = jobs.map(({ opts }) => new Promise<void>((resolve) => open.set(opts.jobId, resolve)));
  await queue.addBulk(jobs);
  await Promise.all(answered);
  open.clear();
});
await queue.obliterate({ force: true });
await events.close();
await queue.close();
