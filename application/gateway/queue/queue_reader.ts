/** The state of the queue, as board, programs and monitoring see it: from Kafka's books and from the view. */
import { prepared } from "../../view/queries.ts";
import type { GatewayContext } from "../context.ts";
import { RecentResults } from "../live/recent.ts";
import type { QueueState, Totals, WorkerState } from "../live/wire.ts";
import { type Lanes, readLanes } from "./lanes.ts";
import type { QueueSeen, WorkerSeen } from "./queue_watch.ts";
import { StoredCount } from "./stored_count.ts";
import { SESSION_SECONDS } from "./watch_queue.ts";
import { WorkerCounts } from "./worker_counts.ts";

/** A state is read again after so many times the milliseconds that reading it took. */
const REST = 20;
const COUNTED = ["accepted", "answered", "failed", "cancelled", "dead"] as const;

export type Counted = Record<(typeof COUNTED)[number], number>;

export class QueueReader {
  readonly recent = new RecentResults();
  /** Rows of the persister's database. */
  readonly stored: StoredCount;
  readonly #context: Pick<GatewayContext, "kafka" | "view" | "queue">;
  readonly #workers = new WorkerCounts();
  #state: QueueState | undefined;
  #oldestOpenAt: number | undefined;
  #goodUntil = 0;

  constructor(context: Pick<GatewayContext, "kafka" | "view" | "queue" | "resultsFile">) {
    this.#context = context;
    this.stored = new StoredCount(context.resultsFile);
  }

  /** The state now; a moment ago, if to read it takes long. */
  read(now = Date.now()): QueueState {
    if (this.#state !== undefined && performance.now() < this.#goodUntil) return this.#state;
    const start = performance.now();
    this.#state = this.#read(now);
    const took = performance.now() - start;
    this.#goodUntil = start + took + took * REST;
    return this.#state;
  }

  /** When the oldest task was accepted that has no answer: it waits, or is in progress. */
  oldestOpenAt(): number | undefined {
    this.read();
    return this.#oldestOpenAt;
  }

  #read(now: number): QueueState {
    const { kafka, view, queue } = this.#context;
    const { database } = view;
    const seen = queue.seen();
    this.recent.read(database, now);
    this.#workers.read(database, this.recent.lastOffset);
    const { behind, positions } = view.progress();
    const lanes = readLanes(database, seen, positions.tasks ?? {}, this.recent);
    this.#oldestOpenAt = lanes.oldestOpenAt;
    return {
      as_of: seen.as_of,
      kafka: seen.kafka,
      ...(seen.problem === undefined ? {} : { problem: seen.problem }),
      ...(seen.hasHiddenWorkers ? { has_hidden_workers: true } : {}),
      brokers: kafka.settings.brokers.join(","),
      behind,
      session_seconds: SESSION_SECONDS,
      lanes: lanes.lanes,
      workers: seen.workers.map((worker) => this.#describeWorker(worker, lanes, now)),
      totals: this.#readTotals(lanes, seen, now),
      rebalances: seen.rebalances,
      persisters: seen.persisters,
    };
  }

  #describeWorker(seen: WorkerSeen, { lanes }: Lanes, now: number): WorkerState {
    const { state, ...worker } = seen;
    const current = lanes.find((lane) => lane.current?.worker === worker.name)?.current;
    return {
      ...worker,
      state: state === "gone" ? "gone" : current === undefined ? "idle" : "working",
      done: this.#workers.of(worker.name),
      per_second: this.recent.perSecond(worker.name, now),
      ...(current === undefined ? {} : { current: current.id }),
    };
  }

  #readTotals({ lanes }: Lanes, seen: QueueSeen, now: number): Totals {
    const { dead, ...counted } = this.counted();
    const stored = this.stored.value();
    const oldest = lanes.flatMap(({ oldest_at }) => oldest_at ?? []);
    return {
      waiting: lanes.reduce((sum, { waiting }) => sum + waiting, 0),
      in_progress: lanes.filter(({ current }) => current !== undefined).length,
      ...counted,
      dead_letters: dead,
      ...(stored === undefined ? {} : { stored }),
      per_second: this.recent.perSecond(undefined, now),
      ...(oldest.length === 0 || seen.lanes.length === 0 ? {} : { oldest_at: Math.min(...oldest) }),
    };
  }

  /** What happened since the log began, to the task. */
  counted(): Counted {
    const rows = prepared(this.#context.view.database, "SELECT name, value FROM total").all();
    const values = new Map(
      (rows as { name: string; value: unknown }[]).map(({ name, value }) => [name, value]),
    );
    return Object.fromEntries(COUNTED.map((name) => [name, Number(values.get(name) ?? 0)])) as Counted;
  }
}

const readers = new WeakMap<object, QueueReader>();

/** The one of this gateway: routes, events and metrics share what it has read. */
export function queueReaderOf(context: GatewayContext): QueueReader {
  let reader = readers.get(context);
  if (reader === undefined) {
    reader = new QueueReader(context);
    readers.set(context, reader);
  }
  return reader;
}
