/** The messages of `task-events`, as JSON: what happens to a task between `tasks` and `results`. */
import * as v from "valibot";
import { InputError } from "../common/errors.ts";
import { type Parsed, show } from "../common/iris.ts";
import { type Facts, formatFailure } from "../common/messages.ts";

const time = v.number();

const startedSchema = v.object({
  event: v.literal("STARTED"),
  /** A task of stage 4 has none: its place names it. */
  task_id: v.optional(v.string()),
  worker: v.string(),
  /** The task's place in `tasks`. */
  partition: v.number(),
  offset: v.string(),
  /** Milliseconds since 1970. */
  at: time,
});
/** A worker has begun a task, and still works on it 20 ms later. Faster tasks are not announced. */
export type Started = v.InferOutput<typeof startedSchema>;

const cancelRequestedSchema = v.object({
  event: v.literal("CANCEL_REQUESTED"),
  task_id: v.string(),
  at: time,
});
/** Somebody wants the task cancelled. What becomes of it, `results` tells: its first record for the id. */
type CancelRequested = v.InferOutput<typeof cancelRequestedSchema>;

export type TaskEvent = Started | CancelRequested;
const taskEventSchema = v.variant("event", [startedSchema, cancelRequestedSchema]);

/** The code of the failure on `results` that makes a cancellation true. */
export const CANCELLED = "CANCELLED";

/** The message for `results` that makes a cancellation true, if no other for this task comes first. */
export function formatCancelled(task_id: string, message: string, facts: Facts = {}): string {
  return formatFailure({ task_id, error: { code: CANCELLED, message }, ...facts });
}

/** The value of a message on `task-events`. */
export function formatTaskEvent(event: TaskEvent): string {
  return JSON.stringify(event);
}

/** Reads a message of `task-events`. */
export function parseTaskEvent(value: Buffer | null): Parsed<TaskEvent> {
  const text = value?.toString() ?? "";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return { ok: false, error: new InputError("a task event", "JSON", show(text), { cause }) };
  }
  const event = v.safeParse(taskEventSchema, json);
  if (event.success) return { ok: true, value: event.output };
  const expected = "an object with event STARTED or CANCEL_REQUESTED, and its task";
  return { ok: false, error: new InputError("a task event", expected, show(json)) };
}
