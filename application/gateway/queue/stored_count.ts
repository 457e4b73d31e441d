/** How many answers the persister's database holds. */
import { stat } from "node:fs/promises";
import { SPECIES } from "../../../common/iris.ts";
import { type Database, openDatabase } from "../../../common/sqlite.ts";
import { ResultCounts } from "../results/counts.ts";

/** So old may be what was counted. */
const COUNT_EVERY_MS = 1000;

export class StoredCount {
  readonly #file: string;
  #value: number | undefined;
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
    let database: Database | undefined;
    try {
      const { dev, ino, birthtimeMs } = await stat(this.#file);
      const identity = `${dev} ${ino} ${birthtimeMs}`;
      if (identity !== this.#identity) this.#counts = new ResultCounts(); // Made anew, or another one.
      this.#identity = identity;
      database = openDatabase(this.#file, { readOnly: true });
      const counts = await this.#counts.count(database, {});
      this.#value = SPECIES.reduce((sum, species) => sum + counts[species], 0);
    } catch {
      this.#value = undefined; // It is missing, or locked: the routes of the results say which.
    } finally {
      database?.close();
    }
  }
}
