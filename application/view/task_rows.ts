/** Rows of `task` as the rules of all topics change them. */
import type { Database } from "../../common/sqlite.ts";
import type { Figures } from "./figures.ts";
import type { TaskRow } from "./schema.ts";

/** What the rules look at. */
const COLUMNS = [
  ...["seq", "id", "partition", "offset", "accepted_at", "status", "starts", "worker"],
  ...["started_at", "duration_ms", "is_told", "ended_at", "result_offset", "cancel_requested_at"],
] as const;
type Column =
  | "seq"
  | "id"
  | "partition"
  | "offset"
  | "accepted_at"
  | "status"
  | "starts"
  | "worker"
  | "started_at"
  | "duration_ms"
  | "is_told"
  | "ended_at"
  | "result_offset"
  | "cancel_requested_at";
export type KnownRow = Pick<TaskRow, Column>;
export type RowChange = Partial<Omit<TaskRow, "seq" | "id">>;

type Statement = ReturnType<Database["prepare"]>;

export class TaskRows {
  /** The ids of those that the present transaction has changed. */
  readonly changed = new Set<string>();
  readonly #database: Database;
  readonly #figures: Figures;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database, figures: Figures) {
    this.#database = database;
    this.#figures = figures;
  }

  /** Prepares a statement, once. */
  prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  find(id: string): KnownRow | undefined {
    return this.#find("id = ?", id);
  }

  at(partition: number, offset: number): KnownRow | undefined {
    return this.#find('partition = ? AND "offset" = ?', partition, offset);
  }

  #find(condition: string, ...values: (string | number)[]): KnownRow | undefined {
    const columns = COLUMNS.map((column) => `"${column}"`).join(", ");
    const statement = this.prepare(`SELECT ${columns} FROM task WHERE ${condition}`);
    return statement.get(...values) as KnownRow | undefined;
  }

  /** Changes a row, and what it counts for. */
  change(row: KnownRow, change: RowChange): void {
    const columns = Object.keys(change) as (keyof RowChange)[];
    const assignments = columns.map((column) => `"${column}" = ?`).join(", ");
    const values = columns.map((column) => change[column] ?? null);
    this.prepare(`UPDATE task SET ${assignments} WHERE seq = ?`).run(...values, row.seq);
    this.#figures.addRow(row, -1);
    this.#figures.addRow({ ...row, ...change });
    this.changed.add(row.id);
  }
}

/** The id of a task that has none of its own. */
export function placeId(partition: number, offset: number): string {
  return `${partition}@${offset}`;
}

/** A number from a message, if SQLite and JavaScript can both hold it. */
export function toWhole(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !(Math.abs(number) <= Number.MAX_SAFE_INTEGER)) return null;
  return Math.round(number);
}
