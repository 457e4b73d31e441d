/** The results in SQLite: each is stored once, however often Kafka delivers it. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import * as v from "valibot";
import { ProgramError } from "./errors.ts";
import { shortPath } from "./results_database.ts";
import {
  FIRST_IS_FINAL,
  failureSchema,
  type History,
  historySchema,
  type Position,
  positionSchema,
  predictionSchema,
  type StoredFailure,
  type StoredPrediction,
  TABLES,
} from "./results_schema.ts";
import { closeDatabase, type Database, inTransaction, openDatabase, sqliteCode } from "./sqlite.ts";

export interface Stored {
  /** In the order of the log. */
  rows: (StoredPrediction | StoredFailure)[];
  /** Of the last message in the batch, also when it gave no row. */
  last: { topic: string; partition: number; offset: string; timestamp: string };
}

export interface ResultsStore {
  /**
   * Stores a batch and its position in one transaction; returns how many rows were new. Throws ProgramError:
   * disk full, database locked.
   */
  save(batch: Stored): { predictions: number; failures: number };
  /** How far this database has read a partition; undefined when it is new. */
  position(topic: string, partition: number): Position | undefined;
  close(): void;
}

export interface StoreOptions {
  /**
   * Whether a task has one end: an answer is passed over whose task has failed before, and a failure whose
   * task was answered. Without it the tables know nothing of each other.
   */
  isFirstFinal?: boolean;
}

/** Opens the database for writing, and makes it if it is missing. Throws ProgramError with one line. */
export function openResultsStore(file: string, { isFirstFinal = false }: StoreOptions = {}): ResultsStore {
  return explained(file, () => {
    const database = openDatabase(file);
    // Write-ahead log: history.ts reads while the persister writes.
    database.exec("PRAGMA journal_mode = WAL");
    // Without a wait for the disk at each commit. A power cut may then undo the last transactions, rows and
    // positions together (https://sqlite.org/pragma.html#pragma_synchronous): the persister reads them again.
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec("PRAGMA cache_size = -16000"); // 16 MB, for the unique keys.
    database.exec(TABLES);
    if (isFirstFinal) database.exec(FIRST_IS_FINAL);
    const insertPrediction = prepareInsert(database, "iris_prediction", predictionSchema);
    const insertFailure = prepareInsert(database, "iris_failure", failureSchema);
    const setPosition = database.prepare(
      "INSERT OR REPLACE INTO kafka_position VALUES (@topic, @partition, @offset, @timestamp)",
    );
    const getPosition = database.prepare(
      "SELECT last_offset, last_timestamp FROM kafka_position WHERE topic = ? AND partition = ?",
    );
    const save = ({ rows, last }: Stored) =>
      inTransaction(database, () => {
        const counts = { predictions: 0, failures: 0 };
        for (const row of rows) {
          if ("code" in row) counts.failures += insertFailure(row);
          else counts.predictions += insertPrediction(row);
        }
        setPosition.run(last);
        return counts;
      });
    return {
      save: (batch) => explained(file, () => save(batch)),
      position: (topic, partition) => v.parse(v.optional(positionSchema), getPosition.get(topic, partition)),
      close: () => closeDatabase(database),
    };
  });
}

/**
 * Returns a function that inserts a row, and returns 1 if it is new. Values go by position: by name takes one
 * and a half times as long. Only a repeated key is passed over; OR IGNORE would also hide a NULL where none
 * may be.
 */
function prepareInsert<Row extends Stored["rows"][number]>(
  database: Database,
  table: string,
  { entries }: { entries: Record<keyof Row, unknown> },
) {
  const columns = Object.keys(entries) as (keyof Row & string)[];
  const names = columns.map((column) => `"${column}"`).join(", ");
  const values = columns.map(() => "?").join(", ");
  const insert = database.prepare(
    `INSERT INTO ${table} (${names}) VALUES (${values}) ON CONFLICT DO NOTHING`,
  );
  return (row: Row): number => Number(insert.run(...columns.map((column) => row[column])).changes);
}

/** Reads the latest rows and the counts by species. Throws ProgramError when there is no such database. */
export function readHistory(file: string, limit: number): History {
  return explained(file, () => {
    const database = openDatabase(file, { readOnly: true });
    try {
      const all = (sql: string, ...parameters: number[]) => database.prepare(sql).all(...parameters);
      const hasFailures = all("SELECT 1 FROM sqlite_master WHERE name = 'iris_failure'").length > 0;
      const latest = (table: string) => all(`SELECT * FROM ${table} ORDER BY id DESC LIMIT ?`, limit);
      return v.parse(historySchema, {
        counts: all(
          "SELECT species, count(*) AS count FROM iris_prediction GROUP BY species ORDER BY species",
        ),
        latest: latest("iris_prediction"),
        // A database of an earlier version has no such table.
        failures: hasFailures ? latest("iris_failure") : [],
      });
    } finally {
      database.close();
    }
  });
}

const ADVICE: [RegExp, string][] = [
  [/^SQLITE_(BUSY|LOCKED)/, "another program holds it locked: end that program, then start again"],
  [/^SQLITE_(FULL|IOERR)/, "the disk may be full: make room, then start again"],
  [/^SQLITE_CANTOPEN/, "it cannot be opened: is --db right?"],
];

function explained<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const { message } = cause;
    const shown = shortPath(file);
    if (cause instanceof v.ValiError) {
      const fault = `a row that this program has not written (${message})`;
      throw new ProgramError(`Database ${shown}: ${fault}`, { cause });
    }
    const code = sqliteCode(cause);
    if (code === undefined) throw cause;
    if (!existsSync(dirname(file))) {
      const advice = "make the folder, or choose another --db";
      throw new ProgramError(`Database ${shown}: its folder does not exist: ${advice}`, { cause });
    }
    if (!existsSync(file)) {
      const advice = "start a persister, which makes it, or choose another --db";
      throw new ProgramError(`There is no database ${shown} yet: ${advice}`, { cause });
    }
    const known = ADVICE.find(([pattern]) => pattern.test(code))?.[1];
    const advice = known ?? `${message}: move the file away, then start again`;
    throw new ProgramError(`Database ${shown} (${code}): ${advice}`, { cause });
  }
}
