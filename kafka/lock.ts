/** A lock on a file. The operating system takes it back however its holder ends, by kill -9 too. */
import { openDatabase, sqliteCode } from "../common/sqlite.ts";

/** Programs that take the lock at the same instant can be in each other's way for a moment. */
const LONGEST_TRY_MS = 500;

/**
 * Takes the lock and returns the function that releases it; undefined when somebody holds it. Makes the file
 * if it is missing. Throws SQLite's error when the file cannot be made.
 *
 * Node has no file locks. SQLite has them on every system. The transaction below only locks, it writes
 * nothing.
 */
export function tryLock(file: string, longestTryMs = LONGEST_TRY_MS): (() => void) | undefined {
  const database = openDatabase(file);
  try {
    database.exec(`PRAGMA busy_timeout = ${longestTryMs}`);
    // Otherwise there would be a second file beside it.
    database.exec("PRAGMA journal_mode = MEMORY");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (sqliteCode(error) === "SQLITE_BUSY") return undefined;
    throw error;
  }
  return () => database.close();
}

/**
 * True when somebody holds the lock: our programs, or Java, whose locks cover the bytes that SQLite locks.
 */
export function isLocked(file: string): boolean {
  const release = tryLock(file, 0);
  release?.();
  return release === undefined;
}
