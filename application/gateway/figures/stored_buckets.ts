/** When the persister stored the answers of the last minutes, counted by the second. */
import { setImmediate as turn } from "node:timers/promises";
import type { Database } from "../../../common/sqlite.ts";
import { fileStamp } from "../results/file_stamp.ts";
import { openResults } from "../results/open_results.ts";

/** Rows that one step reads. */
const STEP = 5000;
/** Nobody needs them more exactly, and a page may ask often. */
const READ_EVERY_MS = 1000;

const HIGHEST = "SELECT max(id) AS id FROM iris_prediction";
const STORED_AT = "SELECT stored_at FROM iris_prediction WHERE id >= ? ORDER BY id LIMIT 1";
/** stored_at is ISO 8601: its first 19 characters name the second. */
const COUNT = `SELECT substr(stored_at, 1, 19) AS second, count(*) AS count, max(id) AS last FROM (
    SELECT id, stored_at FROM iris_prediction WHERE id > ? ORDER BY id LIMIT ${STEP}
  ) GROUP BY second`;

export class StoredBuckets {
  readonly #file: string;
  readonly #keepMs: number;
  readonly #seconds = new Map<number, number>();
  #stamp = "";
  #identity = "";
  #last = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<boolean> | undefined;

  constructor(file: string, keepMs: number) {
    this.#file = file;
    this.#keepMs = keepMs;
  }

  /** Reads what has been stored since the last time. False where there is no database. */
  read(): Promise<boolean> {
    const now = performance.now();
    if (this.#reading !== undefined && now - this.#readAt < READ_EVERY_MS) return this.#reading;
    this.#readAt = now;
    this.#reading = this.#read().catch(() => false); // Missing, or locked.
    return this.#reading;
  }

  /** How many were stored from this second on, for so many seconds. */
  count(from: number, seconds: number): number {
    let sum = 0;
    for (let second = from; second < from + seconds; second += 1) sum += this.#seconds.get(second) ?? 0;
    return sum;
  }

  async #read(): Promise<boolean> {
    const stamp = await fileStamp(this.#file);
    if (stamp !== this.#stamp) await this.#readOn();
    this.#stamp = stamp;
    const since = Date.now() - this.#keepMs;
    for (const second of this.#seconds.keys()) if (second * 1000 < since) this.#seconds.delete(second);
    return stamp !== "";
  }

  async #readOn(): Promise<void> {
    const { database, identity } = await openResults(this.#file);
    try {
      if (identity !== this.#identity) {
        this.#seconds.clear();
        this.#last = findFirst(database, Date.now() - this.#keepMs) - 1;
        this.#identity = identity;
      }
      while (this.#step(database) === STEP) await turn();
    } finally {
      database.close();
    }
  }

  #step(database: Database): number {
    const rows = database.prepare(COUNT).all(this.#last) as unknown as {
      second: string;
      count: number;
      last: number;
    }[];
    for (const { second, count, last } of rows) {
      const at = Date.parse(`${second}Z`) / 1000;
      this.#seconds.set(at, (this.#seconds.get(at) ?? 0) + count);
      this.#last = Math.max(this.#last, last);
    }
    return rows.reduce((sum, { count }) => sum + count, 0);
  }
}

/** The first row that was stored at this time or later: rows are in the order of their times. */
function findFirst(database: Database, since: number): number {
  const { id } = database.prepare(HIGHEST).get() as { id: number | null };
  const time = new Date(since).toISOString();
  let [low, high] = [1, (id ?? 0) + 1];
  const at = database.prepare(STORED_AT);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = at.get(middle) as { stored_at: string } | undefined;
    if (row === undefined || row.stored_at >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}
