/** A task whose worker has lost its partition is PENDING again. */
import { type Database, inTransaction } from "../../common/sqlite.ts";
import { STATUSES } from "./schema.ts";

const PENDING = STATUSES.indexOf("PENDING");

interface StartedRow {
  seq: number;
  id: string;
  partition: number;
  worker: string | null;
}

export class Owners {
  readonly #database: Database;
  /** Tasks whose partition belonged to another worker when Kafka was looked at last. */
  #suspects = new Set<number>();

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * To be called after each look at the group; returns the ids of the tasks that are PENDING now. It takes
   * two looks: the first may be older than the STARTED of the new owner. A partition without an owner changes
   * nothing, since its worker may be at work until the end of a rebalance.
   */
  set(owners: ReadonlyMap<number, string | undefined>): string[] {
    const rows = this.#database.prepare("SELECT seq, id, partition, worker FROM task WHERE status = 1").all();
    const lost = (rows as unknown as StartedRow[]).filter(({ partition, worker }) => {
      const owner = owners.get(partition);
      return owner !== undefined && owner !== worker;
    });
    const again = lost.filter(({ seq }) => this.#suspects.has(seq));
    this.#suspects = new Set(lost.map(({ seq }) => seq));
    if (again.length === 0) return [];
    const free = this.#database.prepare("UPDATE task SET status = ? WHERE seq = ?");
    inTransaction(this.#database, () => {
      for (const { seq } of again) free.run(PENDING, seq);
    });
    return again.map(({ id }) => id);
  }
}
