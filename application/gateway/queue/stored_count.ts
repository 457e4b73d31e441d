/** How many answers the persister's database holds. */
import { SPECIES } from "../../../common/iris.ts";
import type { Database } from "../../../common/sqlite.ts";
import { ResultCounts } from "../results/counts.ts";
import { fileStamp } from "../results/file_stamp.ts";
import { openResults } from "../results/open_results.ts";

/** So old may be what was counted. */
const COUNT_EVERY_MS = 1000;

export class StoredCount {
  readonly #file: string;
  #value: number | undefined;
  #stamp = "";
  #identity = "";
  #counts = new ResultCounts();
  #countedAt = Number.NEGATIVE_INFINITY;
  #counting: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** What was counted last: undefined where there is no database. Asking makes it count anew. */
  value(): number | undefined {
    void this.count();
    return this.#value;
  }

  /** Counts, unless that was done a moment ago. */
  count(): Promise<void> {
    const now = performance.now();
    if (this.#counting === undefined || now - this.#countedAt >= COUNT_EVERY_MS) {
      this.#countedAt = now;
      this.#counting = this.#count();
    }
    return this.#counting;
  }

  async #count(): Promise<void> {
    const stamp = await fileStamp(this.#file);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    let database: Database | undefined;
    try {
      const opened = await openResults(this.#file);
      database = opened.database;
      if (opened.identity !== this.#identity) this.#counts = new ResultCounts();
      this.#identity = opened.identity;
      const counts = await this.#counts.count(database, {});
      this.#value = SPECIES.reduce((sum, species) => sum + counts[species], 0);
    } catch {
      this.#value = undefined; // It is missing, or locked: the routes of the results say which.
      this.#stamp = "";
    } finally {
      database?.close();
    }
  }
}
