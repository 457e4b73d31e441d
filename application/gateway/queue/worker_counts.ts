/** How many tasks each worker has answered, as the view knows. */
import { setImmediate as turn } from "node:timers/promises";
import type { Database } from "../../../common/sqlite.ts";
import { prepared } from "../../view/queries.ts";

/** Results that one step counts: the event loop is free between two of them. */
const STEP = 5000;
const COUNT = `SELECT worker, count(*) AS count, max(result_offset) AS last FROM (
    SELECT worker, result_offset FROM task WHERE result_offset >= ? ORDER BY result_offset LIMIT ${STEP}
  ) GROUP BY worker`;

/** Each result is counted once, and remembered. */
export class WorkerCounts {
  readonly #counts = new Map<string, number>();
  #next = 0;
  #isCounting = false;

  of(worker: string): number {
    return this.#counts.get(worker) ?? 0;
  }

  /** Counts what has come, a long list in steps. `last` is the offset of the last result. */
  read(database: Database, last: number | null): void {
    if (last === null || last < this.#next - 1) {
      this.#counts.clear(); // The view was made anew.
      this.#next = 0;
    }
    if (this.#isCounting || last === null || last < this.#next) return;
    if (this.#step(database) === STEP) void this.#goOn(database);
  }

  async #goOn(database: Database): Promise<void> {
    this.#isCounting = true;
    do await turn();
    while (database.isOpen && this.#step(database) === STEP);
    this.#isCounting = false;
  }

  #step(database: Database): number {
    const rows = prepared(database, COUNT).all(this.#next) as unknown as {
      worker: string | null;
      count: number;
      last: number;
    }[];
    for (const { worker, count, last } of rows) {
      if (worker !== null) this.#counts.set(worker, this.of(worker) + count);
      this.#next = Math.max(this.#next, last + 1);
    }
    return rows.reduce((sum, { count }) => sum + count, 0);
  }
}
