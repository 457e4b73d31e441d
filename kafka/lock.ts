/** A lock on a file. The operating system takes it back however its holder ends, by kill -9 too. */
import Database from "better-sqlite3";

/** Several programs that take the lock at the same instant can be in each other's way for a moment. */
const LONGEST_TRY_MS = 500;

/**
 * Takes the lock and returns the function that releases it; undefined when somebody holds it. Makes the file if it is
 * missing. Throws the system's error when the file cannot be made.
 *
 * Node has no file locks. SQLite has them on every system: the transaction below never writes, it only locks.
 */
export function tryLock(file: string, longestTryMs = LONGEST_TRY_MS): (() => void) | undefined {
  const database = new Database(file, { timeout: longestTryMs });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code === "SQLITE_BUSY") return undefined;
    throw error;
  }
  return () => void database.close();
}

/** True when somebody holds the lock: a program of ours, or Java, whose locks cover the bytes that SQLite locks. */
export function isLocked(file: string): boolean {
  const release = tryLock(file, 0);
  release?.();
  return release === undefined;
}
