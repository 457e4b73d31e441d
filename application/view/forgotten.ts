/** Tasks that are no longer kept: of each, its id is remembered for a week. */
import { FIRST_FINAL } from "./schema.ts";
import type { TaskRows } from "./task_rows.ts";

export const TOMBSTONE_MS = 7 * 24 * 3_600_000;

export class Forgotten {
  /** Milliseconds for which a finished task is kept. */
  readonly keepMs: number;
  readonly #rows: TaskRows;
  #any: boolean;

  constructor(rows: TaskRows, keepMs: number) {
    this.keepMs = keepMs;
    this.#rows = rows;
    this.#any = rows.prepare("SELECT 1 FROM forgotten LIMIT 1").get() !== undefined;
  }

  has(id: string): boolean {
    // Where nothing is forgotten yet, nobody is to pay for this question: it is asked for each message.
    return this.#any && this.#rows.prepare("SELECT 1 FROM forgotten WHERE id = ?").get(id) !== undefined;
  }

  /**
   * Forgets a task that has ended too long ago, which happens while a log of many days is read. One whose
   * message in `tasks` was not read yet is kept until then: it is still to be counted.
   */
  addIfOld(id: string, endedAt?: number): void {
    if (endedAt !== undefined && endedAt + this.keepMs > Date.now()) return;
    const row = this.#rows.find(id);
    if (row === undefined || row.status < FIRST_FINAL || row.partition === null) return;
    const ended = row.ended_at ?? 0;
    if (ended + this.keepMs <= Date.now()) this.add(row.seq, id, ended);
  }

  /** Forgets a task. What it counts for in the figures stays. */
  add(seq: number, id: string, endedAt: number): void {
    const { prepare } = this.#rows;
    const run = (sql: string, ...values: (string | number)[]) => prepare.call(this.#rows, sql).run(...values);
    run("DELETE FROM task WHERE seq = ?", seq);
    run("DELETE FROM task_event WHERE id = ?", id);
    run("DELETE FROM late_result WHERE id = ?", id);
    // Also if that is more than a week ago: late answers may still be read, and would make a new task of it.
    run("INSERT INTO forgotten (id, at) VALUES (?, ?) ON CONFLICT DO NOTHING", id, endedAt + this.keepMs);
    this.#any = true;
  }
}
