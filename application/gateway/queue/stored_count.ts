/** How many answers the persister's database holds. */
import { stat } from "node:fs/promises";
import { SPECIES } from "../../../common/iris.ts";
import { type Database, openDatabase } from "../../../common/sqlite.ts";
import { ResultCounts } from "../results/counts.ts";

/** Whoever asks gets what was counted last, which is so old at most while somebody asks. */
const COUNT_EVERY_MS = 1000;

export class StoredCount {
  readonly #file: string;
  #value: number | undefined;
  #identity = "";
  #counts = new ResultCounts();
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(file: string) {
    this.#file = file;
  }

  /** Undefined where there is no database, and at first. Asking makes it count anew. */
  value(): number | undefined {
    const now = performance.now();
    if (now - this.#countedAt >= COUNT_EVERY_MS) {
      this.#countedAt = now;
      void this.count();
    }
    return this.#value;
  }

  /** Counts now. */
  async count(): Promise<number | undefined> {
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
    return this.#value;
  }
}
