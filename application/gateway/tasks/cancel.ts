/**
 * Cancels a task. A cancellation is a request on `task-events`, which workers obey, and becomes true by a
 * record on `results`: the one with the lowest offset for an id decides. The gateway writes that record
 * itself, so that it holds also where no worker runs, or one of stage 5, which knows nothing of cancelling.
 */
import { formatFailure } from "../../../common/messages.ts";
import { CANCELLED, formatTaskEvent } from "../../task_events.ts";
import { findTask } from "../../view/queries.ts";
import { STATUSES, type TaskRow } from "../../view/schema.ts";
import type { GatewayContext } from "../context.ts";
import { Deadline } from "../deadline.ts";
import { Problem } from "../http/problem.ts";
import { lookUp } from "./look_up.ts";
import { isFinal } from "./task_json.ts";

const MESSAGE = "The task was cancelled before it was answered";

/** Resolves with the row when the task is CANCELLED. Throws Problem when it is finished, also if just now. */
export async function cancelTask(context: GatewayContext, id: string): Promise<TaskRow> {
  const { kafka, topics, producer, view } = context;
  const row = await lookUp(view, id);
  throwIfFinished(row);
  if (id === `${row.partition}@${row.offset}`) {
    throw new Problem(
      "no-task-id",
      "Expected a task with an id; one of stage 4 has none, and cannot be cancelled",
    );
  }
  const event = { event: "CANCEL_REQUESTED", task_id: id, at: Date.now() } as const;
  const failure = formatFailure({ task_id: id, error: { code: CANCELLED, message: MESSAGE } });
  const deadline = new Deadline();
  // In this order, since a producer sends one request after the other.
  const [, [place]] = await Promise.all([
    producer.send(topics.events, [{ key: id, value: formatTaskEvent(event) }], deadline.limit),
    producer.send(kafka.topics.results, [{ value: failure }], deadline.limit),
  ]);
  await deadline.readBack(view, "results", place);
  const decided = findTask(view.database, id) ?? row;
  if (STATUSES[decided.status] !== "CANCELLED") throwIfFinished(decided);
  return decided;
}

function throwIfFinished(row: TaskRow): void {
  if (!isFinal(row)) return;
  const status = STATUSES[row.status];
  throw new Problem("already-finished", `Expected a task that waits or runs, got one with status ${status}`, {
    extra: { task_status: status },
  });
}
