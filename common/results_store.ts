/** The results in SQLite: each is stored once, however often Kafka delivers it. */
import Database from "better-sqlite3";
import { ProgramError } from "./errors.ts";
import { FIELDS } from "./iris.ts";

/** A row of the table, but for its id and the time it was stored. */
export interface StoredResult {
  sepal_length: number;
  sepal_width: number;
  petal_length: number;
  petal_width: number;
  iris_type: number;
  species: string;
  task_id: string | null;
  worker: string | null;
  model: string | null;
  topic: string;
  partition: number;
  /** As text: an offset has 64 bits. */
  offset: string;
  /** The message's own time, milliseconds since 1970. */
  timestamp: string;
}

const COLUMNS = [
  ...[...FIELDS, "iris_type", "species", "task_id", "worker", "model"],
  ...["topic", "partition", "offset", "timestamp"],
];

/**
 * Kafka and SQLite share no transaction, so a result can come twice, and the database sorts that out: by where it
 * lay in Kafka, and by the task's id, since a task that was done twice has two results in two places. The message's
 * time is part of the place because a topic that was deleted and made again counts its offsets from 0.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS iris_prediction (
    id INTEGER PRIMARY KEY,
    sepal_length REAL NOT NULL, sepal_width REAL NOT NULL, petal_length REAL NOT NULL, petal_width REAL NOT NULL,
    iris_type INTEGER NOT NULL CHECK (iris_type IN (0, 1, 2)),
    species TEXT NOT NULL,
    task_id TEXT UNIQUE,
    worker TEXT, model TEXT,
    topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" TEXT NOT NULL, timestamp TEXT NOT NULL,
    stored_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    UNIQUE (topic, partition, "offset", timestamp)
  )`;

export interface ResultsStore {
  /** Stores the rows in one transaction, and returns how many were new. Throws ProgramError: disk full, locked. */
  save(rows: readonly StoredResult[]): number;
  close(): void;
}

/** Opens the database for writing, and makes it if it is missing. Throws ProgramError with one line. */
export function openResultsStore(file: string): ResultsStore {
  return explained(file, () => {
    const database = new Database(file);
    // Write-ahead log: history.ts reads while the persister writes.
    database.pragma("journal_mode = WAL");
    database.exec(SCHEMA);
    const names = COLUMNS.map((column) => `"${column}"`).join(", ");
    const values = COLUMNS.map((column) => `@${column}`).join(", ");
    // Only a repeated key is passed over; OR IGNORE would also hide a NULL where none may be.
    const insert = database.prepare(
      `INSERT INTO iris_prediction (${names}) VALUES (${values}) ON CONFLICT DO NOTHING`,
    );
    const saveAll = database.transaction((rows: readonly StoredResult[]) =>
      rows.reduce((stored, row) => stored + insert.run(row).changes, 0),
    );
    return {
      save: (rows) => explained(file, () => saveAll(rows)),
      close: () => {
        database.close();
      },
    };
  });
}

/** What history.ts shows. */
export interface History {
  counts: { species: string; count: number }[];
  latest: (StoredResult & { id: number; stored_at: string })[];
}

/** Reads the latest rows and the counts by species. Throws ProgramError when there is no such database. */
export function readHistory(file: string, limit: number): History {
  return explained(file, () => {
    const database = new Database(file, { readonly: true, fileMustExist: true });
    try {
      const counts = database.prepare(
        "SELECT species, count(*) AS count FROM iris_prediction GROUP BY species ORDER BY species",
      );
      const latest = database.prepare("SELECT * FROM iris_prediction ORDER BY id DESC LIMIT ?");
      return { counts: counts.all() as History["counts"], latest: latest.all(limit) as History["latest"] };
    } finally {
      database.close();
    }
  });
}

function explained<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw explainMissing(file, error);
    const code = String(error.code);
    const advice =
      code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")
        ? "another program holds it locked: end that, then start again"
        : code.startsWith("SQLITE_FULL") || code.startsWith("SQLITE_IOERR")
          ? "the disk may be full: make room, then start again"
          : code.startsWith("SQLITE_CANTOPEN")
            ? "it cannot be opened: is the persister started, is --db right?"
            : `${error.message}: move the file away, then start again`;
    throw new ProgramError(`Database ${file} (${code}): ${advice}`);
  }
}

/** better-sqlite3 throws a TypeError without a code when the folder is missing. */
function explainMissing(file: string, error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return new ProgramError(`Database ${file}: ${error.message}: make the folder, or choose another --db`);
}
