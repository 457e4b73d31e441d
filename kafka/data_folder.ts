/** The folder in which one broker keeps its data. Two brokers in one folder would destroy it. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { ProgramError } from "../common/errors.ts";
import { printable } from "../common/printable.ts";
import { sqliteCode } from "../common/sqlite.ts";
import { isLocked, tryLock } from "./lock.ts";

const PROBLEMS: Record<string, string> = {
  EEXIST: "is a file",
  ENOTDIR: "is a file, or lies below one",
  EISDIR: "has a folder where Kafka needs a file",
  EACCES: "may not be written",
  EPERM: "may not be written",
  EROFS: "may not be written",
  ENOSPC: "is on a full disk",
  EDQUOT: "is on a full disk",
  ENAMETOOLONG: "is too long",
  // SQLite's words for a lock file that it cannot make or open.
  SQLITE_CANTOPEN: "may not be written",
  SQLITE_READONLY: "may not be written",
};

/** Where the broker keeps its topics. */
export function logDir(dataDir: string): string {
  return join(dataDir, "kafka-logs");
}

/** A path as a person in the current folder would write it. */
export function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return printable(fromHere.startsWith("..") ? path : fromHere || ".");
}

/**
 * Makes the folder if it is missing, and reserves it for one broker. Returns the function that gives it back.
 * Throws ProgramError when another broker uses it, or when no broker can.
 */
export async function reserveDataFolder(folder: string): Promise<() => void> {
  // The setting log.dirs is a list of folders, and Kafka knows no way to quote a comma.
  if (folder.includes(",")) throw unusable(folder, "contains a comma, which Kafka cannot read");
  const release = await makeAndLock(folder).catch((error) => {
    throw explainFolderError(folder, error);
  });
  if (release === undefined) throw inUse(folder);
  // Kafka has a lock of its own. It tells of a broker whose launcher was killed, and which has not ended yet.
  const locked = join(logDir(folder), ".lock");
  if (existsSync(locked) && isLocked(locked)) {
    release();
    throw inUse(folder);
  }
  return release;
}

async function makeAndLock(folder: string): Promise<(() => void) | undefined> {
  await mkdir(folder, { recursive: true });
  return tryLock(join(folder, "broker.lock"));
}

/** What the system says of a folder, in one line; other errors stay as they are. */
export function explainFolderError(folder: string, error: unknown): unknown {
  const code = sqliteCode(error) ?? (error as NodeJS.ErrnoException).code;
  const problem = PROBLEMS[code ?? ""];
  return problem === undefined ? error : unusable(folder, problem, error);
}

function unusable(folder: string, problem: string, cause?: unknown): ProgramError {
  return new ProgramError(
    `Expected the data folder to be a folder that Kafka can use, but ${shown(folder)} ${problem}. ` +
      "Choose another: npm run kafka -- --data-dir <folder>",
    { kind: "data_folder_unusable", cause },
  );
}

function inUse(folder: string): ProgramError {
  return new ProgramError(
    `Another Kafka uses the data folder ${shown(folder)}. ` +
      "Stop that one, or choose another folder: npm run kafka -- --data-dir <folder>",
    { kind: "data_folder_in_use" },
  );
}
