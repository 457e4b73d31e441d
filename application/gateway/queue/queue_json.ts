/** The state of the queue as GET /queue tells it: times are ISO 8601. */
import { isoTime } from "../../iso_time.ts";
import type { Lane, QueueState, WorkerState } from "../live/wire.ts";
import type { QueueJson } from "./queue_schema.ts";
import type { Rebalance } from "./queue_watch.ts";

/** The state of the queue as programs read it: times as ISO 8601. */
export function toQueueJson({ as_of, lanes, workers, totals, rebalances, ...rest }: QueueState): QueueJson {
  const { oldest_at, ...counts } = totals;
  return {
    ...isoTime("as_of", as_of === 0 ? undefined : as_of),
    ...rest,
    lanes: lanes.map(toLaneJson),
    workers: workers.map(toWorkerJson),
    totals: { ...counts, ...isoTime("oldest_at", oldest_at) },
    rebalances: rebalances.map(toRebalanceJson),
  };
}

function toLaneJson({ unowned_since, oldest_at, current, ...lane }: Lane): QueueJson["lanes"][number] {
  return {
    ...lane,
    ...isoTime("unowned_since", unowned_since),
    ...isoTime("oldest_at", oldest_at),
    ...(current === undefined ? {} : { current: { ...current, since: toIso(current.since) } }),
  };
}

function toWorkerJson({ gone_at, session_ends_at, ...worker }: WorkerState): QueueJson["workers"][number] {
  return { ...worker, ...isoTime("gone_at", gone_at), ...isoTime("session_ends_at", session_ends_at) };
}

function toRebalanceJson({ at, ended_at, ...rebalance }: Rebalance): QueueJson["rebalances"][number] {
  return { at: toIso(at), ...isoTime("ended_at", ended_at), ...rebalance };
}

/** A time that is there. */
function toIso(at: number): string {
  return isoTime("at", at).at ?? "";
}
