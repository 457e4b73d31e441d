/** Where a task stands that waits, and how long that may take. */

import { isoTime } from "../../iso_time.ts";
import type { TaskRow } from "../../view/schema.ts";
import type { QueueSeen } from "../queue/queue_watch.ts";

/**
 * `position`: how many tasks stand between it and the committed offset of its partition. `eta_seconds`: if
 * the workers go on at their pace. Nothing where Kafka has not told yet.
 */
export function placeInQueue(
  { partition, offset }: Pick<TaskRow, "partition" | "offset">,
  seen: QueueSeen,
  secondsATask: number | undefined,
): { position?: number; as_of?: string; eta_seconds?: number } {
  const lane = seen.lanes.find((each) => each.partition === partition);
  if (lane === undefined || offset === null) return {};
  const position = Math.max(0, offset - lane.committed);
  return { position, ...isoTime("as_of", seen.as_of), ...etaOf(position, lane.owner, seen, secondsATask) };
}

/**
 * A worker does one task after the other, and its partitions take turns: so as many tasks come before this
 * one in each of its partitions that has any.
 */
function etaOf(
  position: number,
  owner: string | undefined,
  seen: QueueSeen,
  secondsATask: number | undefined,
): { eta_seconds?: number } {
  if (owner === undefined || secondsATask === undefined) return {};
  const before = seen.lanes
    .filter((lane) => lane.owner === owner)
    .reduce((sum, { committed, end }) => sum + Math.min(position + 1, Math.max(0, end - committed)), 0);
  return { eta_seconds: Number((Math.max(1, before) * secondsATask).toFixed(3)) };
}
