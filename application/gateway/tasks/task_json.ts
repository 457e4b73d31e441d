/** A task as the API shows it, from its row in the view. */
import { type Measurements, SPECIES } from "../../../common/iris.ts";
import { isoTime } from "../../iso_time.ts";
import { FIRST_FINAL, STATUSES, type TaskRow } from "../../view/schema.ts";
import type { QueueSeen } from "../queue/queue_watch.ts";
import { placeInQueue } from "./place_in_queue.ts";
import type { ResultJson, TaskJson } from "./task_schemas.ts";

/** Whether its status does not change any more. */
export function isFinal(row: TaskRow): boolean {
  return row.status >= FIRST_FINAL;
}

/** The attempt that a waiting task waits for, or the last one that was begun. */
function attemptsOf({ status, starts }: TaskRow): number {
  if (STATUSES[status] === "PENDING") return starts + 1;
  return Math.max(1, starts);
}

/**
 * What is not known is left out. `seen` is what Kafka last told of the queue, `pace` how many seconds a task
 * takes.
 */
export function taskJson(row: TaskRow, seen: QueueSeen, pace: () => number | undefined): TaskJson {
  const status = STATUSES[row.status] ?? "PENDING";
  return {
    task_id: row.id,
    status,
    attempts: attemptsOf(row),
    ...(row.sepal_length === null ? {} : { X: measurementsOf(row) }),
    ...isoTime("accepted_at", row.accepted_at),
    ...isoTime("started_at", row.started_at),
    ...isoTime("cancel_requested_at", row.cancel_requested_at),
    ...isoTime("ended_at", row.ended_at),
    ...(row.worker === null ? {} : { worker: row.worker }),
    ...placeJson(row),
    ...(row.duration_ms === null ? {} : { duration_ms: row.duration_ms }),
    ...(status === "PENDING" ? placeInQueue(row, seen, pace()) : {}),
    ...outcomeOf(row),
    ...(row.replay_of === null ? {} : { replay_of: row.replay_of }),
  };
}

/** Where it lies in `tasks`. */
export function placeJson({ partition, offset }: TaskRow): { partition?: number; offset?: number } {
  return partition === null || offset === null ? {} : { partition, offset };
}

function measurementsOf(row: TaskRow): Measurements {
  const { sepal_length, sepal_width, petal_length, petal_width } = row;
  return { sepal_length, sepal_width, petal_length, petal_width } as Measurements;
}

function outcomeOf({ iris_type, model, error_code, error_message }: TaskRow) {
  return {
    ...(iris_type === null ? {} : { iris_type, species: SPECIES[iris_type] }),
    ...(model === null ? {} : { model }),
    ...(error_code === null ? {} : { error: { code: error_code, message: error_message ?? "" } }),
  };
}

/** The answer to a task whose status is SUCCESS. */
export function resultJson(row: TaskRow): ResultJson {
  const { id, probabilities, model, worker, duration_ms } = row;
  const iris_type = row.iris_type ?? 0; // It has one: its status is SUCCESS.
  return {
    task_id: id,
    iris_type,
    species: SPECIES[iris_type],
    ...(probabilities === null ? {} : { probabilities: JSON.parse(probabilities) }),
    ...(model === null ? {} : { model }),
    ...(worker === null ? {} : { worker }),
    ...(duration_ms === null ? {} : { duration_ms }),
  };
}
