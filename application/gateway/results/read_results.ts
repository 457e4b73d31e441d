/**
 * Reads the persister's tables, the newest first, in small steps: between two of them the event loop is free
 * for others, however large the tables are.
 */
import { setImmediate as turn } from "node:timers/promises";
import * as v from "valibot";
import { failureSchema, predictionSchema } from "../../../common/results_schema.ts";
import type { Database } from "../../../common/sqlite.ts";
import { conditionFor, type ResultsFilter, type ResultsTable } from "./filter.ts";

/** Rows that one step looks through, and rows that it hands over at most. */
const LOOK_THROUGH = 5000;
const AT_ONCE = 100;

const stored = { id: v.number(), stored_at: v.string() };
const rowSchemas = {
  iris_prediction: v.object({ ...stored, ...predictionSchema.entries }),
  iris_failure: v.object({ ...stored, ...failureSchema.entries }),
};
type PredictionRow = v.InferOutput<(typeof rowSchemas)["iris_prediction"]>;
type FailureRow = v.InferOutput<(typeof rowSchemas)["iris_failure"]>;
export type Row = PredictionRow | FailureRow;

/** For each table: the rows with smaller ids are still to come. */
export type Cursor = Record<ResultsTable, number>;

/** From what is there now: what comes meanwhile is on no later page. */
export function theNewest(database: Database): Cursor {
  const next = (table: ResultsTable) => {
    if (!hasTable(database, table)) return 0;
    return (v.parse(idSchema, database.prepare(`SELECT max(id) AS id FROM ${table}`).get()).id ?? 0) + 1;
  };
  return { iris_prediction: next("iris_prediction"), iris_failure: next("iris_failure") };
}

/** Whether the row is of a task that could not be answered. */
export function isFailure(row: Row): row is FailureRow {
  return "code" in row;
}

/** What matches, in lists of some hundred rows. Between two lists it waits for a turn of the event loop. */
export async function* newestFirst(
  database: Database,
  filter: ResultsFilter,
  from: Cursor,
): AsyncGenerator<Row[]> {
  const predictions = new Rows(database, "iris_prediction", filter, from);
  const failures = new Rows(database, "iris_failure", filter, from);
  for (;;) {
    await Promise.all([predictions.fill(), failures.fill()]);
    const merged: Row[] = [];
    // While one of them may have more, nothing of the other one can be older than what is not here yet.
    while (predictions.isReady && failures.isReady) {
      const newer = takeNewer(predictions, failures);
      if (newer === undefined) break;
      merged.push(newer);
    }
    if (merged.length === 0) return;
    yield merged;
    await turn();
  }
}

function takeNewer(predictions: Rows, failures: Rows): Row | undefined {
  const [a, b] = [predictions.first, failures.first];
  if (a === undefined) return failures.take();
  return b === undefined || a.stored_at >= b.stored_at ? predictions.take() : failures.take();
}

/** The matching rows of one table, the newest first, some of them in memory. */
class Rows {
  readonly #table: ResultsTable;
  readonly #read: ReadSome | undefined;
  #rows: Row[] = [];
  #next = 0;
  #before: number;
  #isAtEnd = false;

  constructor(database: Database, table: ResultsTable, filter: ResultsFilter, from: Cursor) {
    this.#table = table;
    this.#before = from[table];
    this.#read = prepareRead(database, table, filter);
    if (this.#read === undefined) this.#isAtEnd = true;
  }

  get first(): Row | undefined {
    return this.#rows[this.#next];
  }

  /** Whether `first` is known: a row, or none because there is no more. */
  get isReady(): boolean {
    return this.first !== undefined || this.#isAtEnd;
  }

  take(): Row | undefined {
    const { first } = this;
    this.#next += 1;
    return first;
  }

  async fill(): Promise<void> {
    for (let isFirst = true; !this.isReady; isFirst = false) {
      if (!isFirst) await turn();
      const { rows = [], before = 0 } = this.#read?.(this.#before) ?? {};
      this.#rows = rows.map((row) => v.parse(rowSchemas[this.#table], row));
      this.#next = 0;
      this.#before = before;
      this.#isAtEnd = before === 0;
    }
  }
}

/** One step down from an id: what matches, and where the next step goes on; 0 at the end of the table. */
type ReadSome = (before: number) => { rows: unknown[]; before: number };

/** Returns undefined when no row of this table can match. */
function prepareRead(database: Database, table: ResultsTable, filter: ResultsFilter): ReadSome | undefined {
  const condition = conditionFor(table, filter);
  if (condition === undefined || !hasTable(database, table)) return undefined;
  const { sql, values } = condition;
  if (filter.task_id !== undefined) {
    // There is an index on it, and one row at most.
    const find = database.prepare(`SELECT * FROM ${table} WHERE id < ? AND ${sql}`);
    return (before) => ({ rows: find.all(before, ...values), before: 0 });
  }
  const findLowest = database.prepare(
    `SELECT min(id) AS id FROM (SELECT id FROM ${table} WHERE id < ? ORDER BY id DESC LIMIT ${LOOK_THROUGH})`,
  );
  const select = database.prepare(
    `SELECT * FROM ${table} WHERE id < ? AND id >= ? AND ${sql} ORDER BY id DESC LIMIT ${AT_ONCE}`,
  );
  let lowest = Number.MAX_SAFE_INTEGER;
  return (before) => {
    if (before <= lowest) lowest = v.parse(idSchema, findLowest.get(before)).id ?? 0;
    if (lowest === 0) return { rows: [], before: 0 };
    const rows = select.all(before, lowest, ...values);
    const last = rows.length < AT_ONCE ? lowest : v.parse(idSchema, rows.at(-1)).id;
    return { rows, before: last ?? 0 };
  };
}

const idSchema = v.object({ id: v.nullable(v.number()) });

/** A database of an earlier version has no table of failures. */
export function hasTable(database: Database, table: ResultsTable): boolean {
  return database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table) !== undefined;
}
