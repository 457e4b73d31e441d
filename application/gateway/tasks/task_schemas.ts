/** The answers of the routes of tasks. What is not known is left out. */
import * as v from "valibot";
import { answerSchema, measurementsSchema, SPECIES } from "../../../common/iris.ts";
import { STATUSES } from "../../view/schema.ts";
import { described } from "../openapi/operation.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const time = v.pipe(v.string(), v.isoTimestamp());
const statusSchema = v.picklist(STATUSES);

const taskId = described(v.string(), "A UUID, if this service gave it; other senders may have others.");
const worker = described(v.string(), "The name of the worker that began it last, or answered.");
const irisType = described(v.picklist([0, 1, 2]), "0 setosa, 1 versicolor, 2 virginica.");
const place = {
  partition: v.exactOptional(described(count, "Its place in the topic tasks.")),
  offset: v.exactOptional(described(count, "Its place in the topic tasks.")),
};
const duration = v.exactOptional(described(v.number(), "Milliseconds that its worker took."));

export const taskSchema = v.object({
  task_id: taskId,
  status: described(statusSchema, "SUCCESS, FAILED and CANCELLED are final."),
  attempts: described(
    v.pipe(v.number(), v.integer(), v.minValue(1)),
    "A worker that dies leaves its task to another.",
  ),
  X: v.exactOptional(measurementsSchema),
  accepted_at: v.exactOptional(time),
  started_at: v.exactOptional(time),
  cancel_requested_at: v.exactOptional(time),
  ended_at: v.exactOptional(time),
  worker: v.exactOptional(worker),
  ...place,
  duration_ms: duration,
  position: v.exactOptional(
    described(
      count,
      "While it waits: how many tasks stand between it and the committed offset of its partition.",
    ),
  ),
  as_of: v.exactOptional(described(time, "When Kafka told that offset.")),
  eta_seconds: v.exactOptional(described(v.number(), "If the workers go on at their pace.")),
  iris_type: v.exactOptional(irisType),
  species: v.exactOptional(v.picklist(SPECIES)),
  model: v.exactOptional(described(v.string(), "The version of the model that answered.")),
  error: v.exactOptional(
    described(
      v.object({ code: v.string(), message: v.string() }),
      "Why it has no answer: FAILED, CANCELLED.",
    ),
  ),
  replay_of: v.exactOptional(described(v.string(), "The dead letter that it replays, as partition/offset.")),
});
export type TaskJson = v.InferOutput<typeof taskSchema>;

/** Of one task that Kafka has. */
export const acceptedSchema = v.object({
  task_id: taskId,
  status: described(statusSchema, "PENDING, unless the key was used before."),
  ...place,
});

/** Of a list of tasks that Kafka has. */
export const acceptedListSchema = v.object({
  tasks: described(v.array(v.object({ task_id: taskId })), "In the order in which they came."),
});

export const resultSchema = v.object({
  task_id: taskId,
  iris_type: irisType,
  species: v.picklist(SPECIES),
  probabilities: v.exactOptional(
    described(answerSchema.entries.probabilities.wrapped, "The shares of the forest's votes."),
  ),
  model: v.exactOptional(v.string()),
  worker: v.exactOptional(worker),
  duration_ms: duration,
});
export type ResultJson = v.InferOutput<typeof resultSchema>;

export const historySchema = v.object({
  task_id: taskId,
  transitions: v.array(
    v.object({
      kind: described(
        v.picklist([...STATUSES, "CANCEL_REQUESTED", "SET_ASIDE", "LATE"]),
        "A status, or: somebody wanted it cancelled; it could not be read; an answer that did not count.",
      ),
      at: v.exactOptional(time),
      topic: described(v.string(), "The topic of the message that says so."),
      partition: count,
      offset: count,
      worker: v.exactOptional(v.string()),
      outcome: v.exactOptional(
        described(v.picklist([...SPECIES, "FAILED", "CANCELLED"]), "What an answer says, also a late one."),
      ),
    }),
  ),
});
export type HistoryJson = v.InferOutput<typeof historySchema>;

export const taskListSchema = v.object({
  tasks: described(v.array(taskSchema), "The newest first."),
  next: v.exactOptional(described(v.string(), "For `before`; missing on the last page.")),
});
