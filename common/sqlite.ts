/**
 * SQLite through the interface of node:sqlite. Node has that module, but prints a warning about it until 24.15; on an
 * older Node the same interface comes from npm, with binaries for all of them, so that nothing is compiled.
 */
import { createRequire } from "node:module";
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";

export type Database = DatabaseSyncInstance;
export type Statement = StatementSyncInstance;

/** How long to wait while another program holds the database locked. */
const LOCK_TIMEOUT_MS = 5000;

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
  // Until then importing node:sqlite prints an ExperimentalWarning: https://github.com/nodejs/node/pull/61262
  const isReleased = major > 25 || (major === 25 && minor >= 7) || (major === 24 && minor >= 15);
  return isReleased ? "node:sqlite" : "@photostructure/sqlite";
}

/** Opens a database; makes the file unless `readOnly`. For what it throws, sqliteCode() gives the code. */
export function openDatabase(file: string, { readOnly = false } = {}): Database {
  const require = createRequire(import.meta.url);
  const { DatabaseSync } = require(sqliteModule()) as typeof import("@photostructure/sqlite");
  return new DatabaseSync(file, { readOnly, timeout: LOCK_TIMEOUT_MS });
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
