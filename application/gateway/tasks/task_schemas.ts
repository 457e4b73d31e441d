/** What the routes of tasks answer, as the document describes it. */
import * as v from "valibot";
import { measurementsSchema, SPECIES } from "../../../common/iris.ts";
import { STATUSES } from "../../view/schema.ts";

const described = <Schema extends v.GenericSchema>(schema: Schema, text: string) =>
  v.pipe(schema, v.description(text));
const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const id = described(v.string(), "Also partition@offset, for a task of stage 4, which has no id.");

const errorSchema = v.object({ code: v.string(), message: v.string() });

/** What is not known is left out. */
export const taskSchema = v.object({
  task_id: id,
  status: described(v.picklist(STATUSES), "The last three are final."),
  attempts: described(count, "Which attempt it waits for, or was the last one."),
  X: v.exactOptional(measurementsSchema),
  accepted_at: v.exactOptional(described(time, "When Kafka had it.")),
  started_at: v.exactOptional(time),
  cancel_requested_at: v.exactOptional(time),
  ended_at: v.exactOptional(time),
  worker: v.exactOptional(v.string()),
  partition: v.exactOptional(described(count, "Its place in the topic tasks.")),
  offset: v.exactOptional(count),
  duration_ms: v.exactOptional(v.number()),
  position: v.exactOptional(
    described(count, "How many tasks stand between it and the committed offset of its partition."),
  ),
  as_of: v.exactOptional(described(time, "When Kafka told of that.")),
  eta_seconds: v.exactOptional(v.number()),
  iris_type: v.exactOptional(v.picklist([0, 1, 2])),
  species: v.exactOptional(v.picklist(SPECIES)),
  model: v.exactOptional(v.string()),
  error: v.exactOptional(errorSchema),
  replay_of: v.exactOptional(described(v.string(), "The dead letter that it replays, as partition/offset.")),
});

/** The answer to POST /tasks for one task. */
export const acceptedSchema = v.object({
  task_id: v.string(),
  status: v.picklist(STATUSES),
  partition: v.exactOptional(described(count, "Its place in the topic tasks.")),
  offset: v.exactOptional(count),
});
export const acceptedListSchema = v.object({
  tasks: described(v.array(v.object({ task_id: v.string() })), "In the order of the request."),
});
export const taskListSchema = v.object({
  tasks: v.array(taskSchema),
  next: v.exactOptional(described(v.string(), "For `before`; missing on the last page.")),
});

export const answerSchema = v.object({
  task_id: id,
  iris_type: v.picklist([0, 1, 2]),
  species: v.picklist(SPECIES),
  probabilities: v.exactOptional(v.object({ setosa: share, versicolor: share, virginica: share })),
  model: v.exactOptional(v.string()),
  worker: v.exactOptional(v.string()),
  duration_ms: v.exactOptional(v.number()),
});

export const historySchema = v.object({
  task_id: id,
  transitions: v.array(
    v.object({
      kind: described(
        v.picklist([...STATUSES, "CANCEL_REQUESTED", "SET_ASIDE", "LATE"]),
        "SET_ASIDE: a worker could not read it. LATE: an answer that did not count.",
      ),
      at: v.exactOptional(time),
      topic: described(v.string(), "Where the message lies that says so."),
      partition: count,
      offset: count,
      worker: v.exactOptional(v.string()),
      outcome: v.exactOptional(v.picklist([...SPECIES, "FAILED", "CANCELLED"])),
    }),
  ),
});

/** The three states of the Flask and Celery form. */
const elabStatus = v.picklist(["PENDING", "SUCCESS", "FAILED"]);
export const elabStatusSchema = v.object({ task_id: id, status: elabStatus });
export const elabResultSchema = v.object({
  task_id: id,
  status: elabStatus,
  result: v.exactOptional(v.omit(answerSchema, ["task_id"])),
  error: v.exactOptional(v.string()),
});
