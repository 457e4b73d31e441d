/** The results of the last minute: the time line, the rates, and what each worker did last. */
import { SPECIES } from "../../../common/iris.ts";
import type { Database } from "../../../common/sqlite.ts";
import { prepared } from "../../view/queries.ts";
import { STATUSES } from "../../view/schema.ts";
import type { Block } from "./wire.ts";

const KEEP_MS = 60_000;
const KEEP_BLOCKS = 2000;
/** A first look, or one after a pause, goes back so far at most. */
const ROWS_AT_ONCE = 5000;
const RATE_SECONDS = 10;

/** A finished task, as the view holds it. */
export interface FinishedRow {
  id: string;
  partition: number | null;
  offset: number | null;
  worker: string | null;
  started_at: number | null;
  duration_ms: number | null;
  status: number;
  iris_type: 0 | 1 | 2 | null;
  model: string | null;
  ended_at: number | null;
  result_offset: number | null;
}
/** The columns of a FinishedRow. */
export const FINISHED_COLUMNS = `id, partition, "offset", worker, started_at, duration_ms, status, iris_type,
  model, ended_at, result_offset`;

const READ = `SELECT ${FINISHED_COLUMNS} FROM task WHERE result_offset >= ?
  ORDER BY result_offset DESC LIMIT ${ROWS_AT_ONCE}`;
/** Without the condition SQLite would not take the index, and look at every task. */
const LAST = "SELECT max(result_offset) AS last FROM task WHERE result_offset IS NOT NULL";

/** Reads on at each read(): what nobody looks at costs nothing. */
export class RecentResults {
  #next = 0;
  #blocks: Block[] = [];
  /** By second, the answers of each worker ("" for those that do not name theirs). */
  readonly #seconds = new Map<number, Map<string, number>>();
  readonly #lastOfWorker = new Map<string, number>();
  readonly #lastOfPartition = new Map<number, number>();
  readonly #models = new Map<string, number>();

  read(database: Database, now = Date.now()): void {
    const { last } = prepared(database, LAST).get() as { last: number | null };
    if (last === null || last < this.#next - 1) this.#forget(); // The view was made anew.
    if (last !== null && last >= this.#next) {
      const rows = prepared(database, READ).all(this.#next) as unknown as FinishedRow[];
      for (const row of rows.reverse()) this.#add(row);
      this.#next = last + 1;
    }
    this.#drop(now);
  }

  /** The offset of the last result that was there; null if there was none. */
  get lastOffset(): number | null {
    return this.#next === 0 ? null : this.#next - 1;
  }

  /** The finished tasks of the last minute, oldest first, 2,000 at most. */
  get timeline(): readonly Block[] {
    return this.#blocks;
  }

  /** Answers a second over the last ten whole seconds, of one worker or of all. */
  perSecond(worker?: string, now = Date.now()): number {
    const end = Math.floor(now / 1000);
    let count = 0;
    for (let second = end - RATE_SECONDS; second < end; second += 1) {
      const counts = this.#seconds.get(second);
      if (counts === undefined) continue;
      if (worker !== undefined) count += counts.get(worker) ?? 0;
      else for (const one of counts.values()) count += one;
    }
    return count / RATE_SECONDS;
  }

  /** When the worker's last answer came. */
  lastOf(worker: string): number | undefined {
    return this.#lastOfWorker.get(worker);
  }

  /** When the last answer to a task of this partition came. */
  lastIn(partition: number): number | undefined {
    return this.#lastOfPartition.get(partition);
  }

  /** Versions of the models that answered in the last minute, and the last one before. */
  get models(): string[] {
    return [...this.#models.keys()];
  }

  #add(row: FinishedRow): void {
    const block = toBlock(row);
    this.#blocks.push(block);
    const { worker = "", partition, ended_at } = block;
    const second = Math.floor(ended_at / 1000);
    const counts = this.#seconds.get(second) ?? new Map<string, number>();
    this.#seconds.set(second, counts.set(worker, (counts.get(worker) ?? 0) + 1));
    this.#lastOfWorker.set(worker, ended_at);
    if (partition !== undefined) this.#lastOfPartition.set(partition, ended_at);
    if (row.model !== null) {
      this.#models.delete(row.model); // The last one stands at the end.
      this.#models.set(row.model, ended_at);
    }
  }

  #drop(now: number): void {
    const since = now - KEEP_MS;
    const first = this.#blocks.findIndex(({ ended_at }) => ended_at >= since);
    this.#blocks = this.#blocks.slice(first === -1 ? this.#blocks.length : first).slice(-KEEP_BLOCKS);
    for (const second of this.#seconds.keys()) {
      if (second < since / 1000) this.#seconds.delete(second);
    }
    for (const [worker, at] of this.#lastOfWorker) if (at < since) this.#lastOfWorker.delete(worker);
    for (const [model, at] of this.#models) {
      if (at < since && this.#models.size > 1) this.#models.delete(model);
    }
  }

  #forget(): void {
    this.#next = 0;
    this.#blocks = [];
    for (const map of [this.#seconds, this.#lastOfWorker, this.#lastOfPartition, this.#models]) map.clear();
  }
}

/** A row as the time line shows it. */
export function toBlock(row: FinishedRow): Block {
  const { id, partition, offset, worker, started_at, duration_ms, status, iris_type } = row;
  return {
    id,
    ...(partition === null ? {} : { partition }),
    ...(offset === null ? {} : { offset }),
    ...(worker === null ? {} : { worker }),
    ...(started_at === null ? {} : { started_at }),
    ...(duration_ms === null ? {} : { duration_ms }),
    outcome: outcomeOf(STATUSES[status], iris_type),
    ended_at: row.ended_at ?? 0,
  };
}

function outcomeOf(status: (typeof STATUSES)[number] | undefined, type: 0 | 1 | 2 | null): Block["outcome"] {
  if (status === "CANCELLED" || status === "FAILED") return status;
  return type === null ? "FAILED" : SPECIES[type];
}
