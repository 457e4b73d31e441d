/** The persister's database, opened for one answer: it may be missing, come, and be made anew at any time. */
import { stat } from "node:fs/promises";
import * as v from "valibot";
import { type Database, openDatabase, sqliteCode } from "../../../common/sqlite.ts";
import { Problem } from "../http/problem.ts";
import { hasTable } from "./read_results.ts";

/** So long the event loop may wait for a database that another program holds locked. */
const LOCK_LIMIT_MS = 100;

export interface OpenResults {
  database: Database;
  /** Another one when the file is another, or was made anew. */
  identity: string;
}

/**
 * Throws Problem 503 when there is no such database, or it cannot be read now. Whoever opens it closes it.
 */
export async function openResults(file: string): Promise<OpenResults> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? noDatabase(error) : unreadable(error);
  });
  const database = explained(() => openDatabase(file, { readOnly: true }));
  try {
    const isReady = explained(() => {
      database.exec(`PRAGMA busy_timeout = ${LOCK_LIMIT_MS}`);
      return hasTable(database, "iris_prediction");
    });
    if (!isReady) throw noDatabase();
  } catch (error) {
    database.close();
    throw error;
  }
  return { database, identity: `${found.dev}:${found.ino}:${found.birthtimeMs}` };
}

function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(error);
  }
}

/**
 * What SQLite refuses, and a row that no persister of ours has written, as a Problem; anything else as it
 * was.
 */
export function explain(error: unknown): unknown {
  const isKnown = error instanceof v.ValiError || sqliteCode(error) !== undefined;
  return isKnown ? unreadable(error) : error;
}

const RETRY_AFTER = { "retry-after": "2" };

function noDatabase(cause?: unknown): Problem {
  const advice = "start a persister, which makes it: npx tsx 5_task_queue/persister.ts";
  const detail = `There is no database of results yet: ${advice}`;
  return new Problem("no-database", detail, { cause, headers: RETRY_AFTER });
}

function unreadable(cause: unknown): Problem {
  const isOdd = cause instanceof v.ValiError;
  const code = isOdd ? "odd rows" : (sqliteCode(cause) ?? (cause as NodeJS.ErrnoException).code);
  const detail = `The persister's database cannot be read now (${code}): try again, or look at the persister`;
  return new Problem("database-unreadable", detail, { cause, headers: RETRY_AFTER });
}
