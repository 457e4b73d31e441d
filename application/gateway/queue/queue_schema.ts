/** The state of the queue over HTTP: what the board draws, with times as text. */
import * as v from "valibot";
import { described } from "../openapi/operation.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const time = v.pipe(v.string(), v.isoTimestamp());

const laneSchema = v.object({
  partition: count,
  owner: v.exactOptional(described(v.string(), "The worker's name; missing while nobody owns it.")),
  unowned_since: v.exactOptional(time),
  committed: described(count, "The offset at which the workers go on."),
  end: described(count, "The offset that the next task will have."),
  waiting: described(count, "Those that wait; the one in progress is not counted."),
  oldest_at: v.exactOptional(described(time, "When the oldest that waits was accepted.")),
  current: v.exactOptional(
    v.object({
      id: v.string(),
      worker: v.string(),
      since: time,
      announced: described(
        v.boolean(),
        "Whether the worker said so. If not, it is the first uncommitted task of a partition that it owns.",
      ),
    }),
  ),
  next: described(
    v.array(v.string()),
    "The ids of the first 41 that wait, oldest first, cut to eight characters.",
  ),
});

const workerSchema = v.object({
  name: v.string(),
  pid: v.exactOptional(described(count, "Only of one that the application started.")),
  state: v.picklist(["working", "idle", "gone"]),
  partitions: v.array(count),
  done: described(count, "Tasks that it has answered."),
  per_second: described(v.number(), "Its answers over the last ten seconds, divided by ten."),
  current: v.exactOptional(described(v.string(), "The id of the task in progress.")),
  gone_at: v.exactOptional(time),
  session_ends_at: v.exactOptional(described(time, "When its partitions move at the latest.")),
});

const totalsSchema = v.object({
  waiting: count,
  in_progress: count,
  accepted: count,
  answered: count,
  failed: count,
  cancelled: count,
  dead_letters: count,
  stored: v.exactOptional(described(count, "Answers in the persister's database; missing if there is none.")),
  per_second: described(v.number(), "Answers over the last ten seconds, divided by ten."),
  oldest_at: v.exactOptional(time),
});

export const queueSchema = v.object({
  as_of: v.exactOptional(described(time, "When Kafka last answered.")),
  kafka: v.picklist(["up", "away"]),
  problem: v.exactOptional(described(v.string(), "Why Kafka tells nothing, or which topics are missing.")),
  has_hidden_workers: v.exactOptional(
    described(v.literal(true), "Workers may be there that use the new consumer protocol (KIP-848)."),
  ),
  brokers: v.string(),
  behind: described(count, "Messages that this gateway has still to read."),
  session_seconds: v.number(),
  lanes: v.array(laneSchema),
  workers: v.array(workerSchema),
  totals: totalsSchema,
  rebalances: described(
    v.array(
      v.object({
        at: time,
        ended_at: v.exactOptional(described(time, "When every partition had an owner again.")),
        cause: v.string(),
        partitions: described(
          v.array(count),
          "Those that had no owner meanwhile, else those that changed hands.",
        ),
      }),
    ),
    "Of the last ten minutes, oldest first.",
  ),
  persisters: v.object({ members: count, waiting: described(count, "Results that are not stored yet.") }),
});

export type QueueJson = v.InferOutput<typeof queueSchema>;
