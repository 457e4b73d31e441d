/**
 * What `GET /events` sends (server-sent events). The id of `state`, `changes` and `resync` is the vector of
 * offsets up to which they reflect the log, so any gateway can resume from it.
 *
 * state    at the beginning: all that a page needs (LiveState)
 * changes  what the log brought since the id before ({ changes: Change[] })
 * queue    lanes, workers, totals; without an id, since owners are not in the log (QueueState)
 * resync   in place of `changes` when the gap is too large (LiveState)
 */
import type { Species } from "../../../common/iris.ts";
import type { Rebalance } from "../queue/queue_watch.ts";

/** Times are milliseconds since 1970. */
export type Change =
  | { kind: "accepted"; id: string; partition: number; offset: number; at: number }
  | { kind: "started"; id: string; partition: number; offset: number; worker: string; at: number }
  | { kind: "cancel_requested"; id: string; at: number }
  | ({ kind: "ended"; at: number } & Block)
  /** A dead letter, at this place in tasks-dlt; where its message lay in `tasks`, if its headers say so. */
  | {
      kind: "dead";
      partition: number;
      offset: number;
      reason: string;
      original_partition?: number;
      original_offset?: number;
      at: number;
    };

/** A finished task, as the time line shows it. */
export interface Block {
  id: string;
  /** Its place in `tasks`. */
  partition?: number;
  offset?: number;
  worker?: string;
  started_at?: number;
  duration_ms?: number;
  outcome: Species | "FAILED" | "CANCELLED";
  ended_at: number;
}

export interface Lane {
  partition: number;
  owner?: string;
  unowned_since?: number;
  committed: number;
  end: number;
  /** How many wait, the one in progress not counted. */
  waiting: number;
  /** When the oldest that waits was accepted. */
  oldest_at?: number;
  /**
   * `announced`: its worker said so; otherwise it is the first uncommitted one of a partition that has an
   * owner.
   */
  current?: { id: string; worker: string; since: number; announced: boolean };
  /**
   * The ids of the first 41 that wait, oldest first, each cut to eight characters ("3@17" for one without
   * id).
   */
  next: string[];
}

export interface WorkerState {
  name: string;
  pid?: number;
  /** `idle`: it is there and has nothing to do. */
  state: "working" | "idle" | "gone";
  partitions: number[];
  /** Tasks answered, as the view knows, and those of the last 10 s by second. */
  done: number;
  per_second: number;
  current?: string;
  gone_at?: number;
  session_ends_at?: number;
}

export interface Totals {
  waiting: number;
  in_progress: number;
  accepted: number;
  answered: number;
  failed: number;
  cancelled: number;
  dead_letters: number;
  /** Rows in the persister's database; missing where there is none. */
  stored?: number;
  /** Answers a second, over the last 10 s. */
  per_second: number;
  oldest_at?: number;
}

export interface QueueState {
  as_of: number;
  kafka: "up" | "away";
  /** Why Kafka tells nothing, or which topics are missing: one line. */
  problem?: string;
  /**
   * Workers may be there that use the new consumer protocol (KIP-848): their names and partitions are not
   * known.
   */
  has_hidden_workers?: true;
  /** Where Kafka is, as the settings name it. */
  brokers: string;
  /** How many messages the view has still to read. */
  behind: number;
  /** Seconds of a worker's session, for the count-down. */
  session_seconds: number;
  lanes: Lane[];
  workers: WorkerState[];
  totals: Totals;
  rebalances: Rebalance[];
  persisters: { members: number; waiting: number };
}

export interface LiveState {
  queue: QueueState;
  /** The finished tasks of the last minute, oldest first, 2,000 at most. */
  timeline: Block[];
}
