/**
 * SQLite through the interface of node:sqlite. Where Node has no such module, or still warns that it is
 * experimental, the same interface comes from npm, with a binary for each system. Nothing is compiled.
 */
import { createRequire } from "node:module";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";

export type Database = DatabaseSyncInstance;

/** The numbers of SQLite's errors that our messages name (https://sqlite.org/rescode.html). */
const CODES: Record<number, string> = {
  1: "SQLITE_ERROR",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  26: "SQLITE_NOTADB",
};

/** The name of the module that provides SQLite on this version of Node. */
export function sqliteModule(version = process.versions.node): "node:sqlite" | "@photostructure/sqlite" {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  // Node 24 before 24.15 and all of 22 print an ExperimentalWarning.
  return major > 24 || (major === 24 && minor >= 15) ? "node:sqlite" : "@photostructure/sqlite";
}

/** Opens a database; makes the file unless `readOnly`. For what it throws, sqliteCode() gives the code. */
export function openDatabase(file: string, { readOnly = false } = {}): Database {
  const require = createRequire(import.meta.url);
  const { DatabaseSync }: typeof import("@photostructure/sqlite") = require(sqliteModule());
  const database = new DatabaseSync(file, { readOnly });
  // How many milliseconds to wait while another program holds the database locked.
  database.exec("PRAGMA busy_timeout = 5000");
  return database;
}

/**
 * Closes a database that was written to. Its file then holds everything, and may be copied without the
 * write-ahead log beside it: the module for Node 20 closes a connection really only when its statements are
 * garbage collected.
 */
export function closeDatabase(database: Database): void {
  database.exec("PRAGMA wal_checkpoint");
  database.close();
}

/** Does `work` in one transaction: when it throws, nothing of it is stored. */
export function inTransaction<T>(database: Database, work: () => T): T {
  database.exec("BEGIN");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // After some errors, a full disk for one, SQLite has rolled back by itself.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** The code of an error that SQLite reported, for example "SQLITE_BUSY"; undefined for any other error. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error && "errcode" in error && typeof error.errcode === "number")) return undefined;
  // The upper bits tell variants of the same error apart.
  const code = error.errcode & 0xff;
  return CODES[code] ?? `SQLITE_${code}`;
}
