/** GET /queue, as the document describes it. */
import { EXAMPLE_TASKS, type Operation } from "../openapi/operation.ts";
import { type QueueJson, queueSchema } from "./queue_schema.ts";

const EXAMPLE: QueueJson = {
  as_of: "2026-03-01T12:00:02.120Z",
  kafka: "up",
  brokers: "localhost:9092",
  behind: 0,
  session_seconds: 6,
  lanes: [
    {
      partition: 0,
      owner: "worker-1",
      committed: 17,
      end: 20,
      waiting: 2,
      oldest_at: "2026-03-01T12:00:01.004Z",
      current: {
        id: EXAMPLE_TASKS.waiting,
        worker: "worker-1",
        since: "2026-03-01T12:00:01.508Z",
        announced: true,
      },
      next: ["91bc04d2", "c0a97e15"],
    },
    { partition: 1, unowned_since: "2026-03-01T12:00:00.000Z", committed: 9, end: 9, waiting: 0, next: [] },
  ],
  workers: [
    {
      name: "worker-1",
      pid: 4711,
      state: "working",
      partitions: [0],
      done: 8,
      per_second: 1,
      current: EXAMPLE_TASKS.waiting,
    },
    {
      name: "worker-2",
      pid: 4720,
      state: "gone",
      partitions: [1],
      done: 5,
      per_second: 0.3,
      gone_at: "2026-03-01T12:00:00.000Z",
      session_ends_at: "2026-03-01T12:00:06.000Z",
    },
  ],
  totals: {
    waiting: 2,
    in_progress: 1,
    accepted: 29,
    answered: 26,
    failed: 0,
    cancelled: 0,
    dead_letters: 0,
    stored: 26,
    per_second: 1.3,
    oldest_at: "2026-03-01T12:00:01.004Z",
  },
  rebalances: [{ at: "2026-03-01T12:00:00.000Z", cause: "worker-2 is gone", partitions: [1] }],
  persisters: { members: 1, waiting: 0 },
};

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/queue",
    id: "getQueue",
    tag: "queue",
    summary: "What waits in each partition, who owns it, what is in progress, and who works.",
    description:
      "What the board draws. While Kafka is away, `kafka` says so, and the rest is what was seen last.",
    answers: { 200: { description: "The queue as it is now.", schema: queueSchema } },
    examples: [{ name: "the queue", status: 200, answer: EXAMPLE }],
  },
];
