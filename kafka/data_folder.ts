/** The folder in which one broker keeps its data. Two brokers in one folder would destroy it. */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { ProgramError } from "../common/errors.ts";
import { printable } from "../common/printable.ts";
import { sqliteCode } from "../common/sqlite.ts";
import { CACHE } from "./jars.ts";
import { isLocked, tryLock } from "./lock.ts";

const LOCK = "broker.lock";
const OTHER_FOLDER = "npm run kafka -- --data-dir <folder>";
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

/** Where a broker's data lie if nobody has chosen another folder. */
export function usualDataDir(port: number): string {
  return join(CACHE, String(port));
}

/** Where the broker keeps its topics. */
export function logDir(dataDir: string): string {
  return join(dataDir, "kafka-logs");
}

/** The settings that the latest broker of this folder was started with. */
export function settingsFile(dataDir: string): string {
  return join(dataDir, "server.properties");
}

/** Kafka has a lock of its own. It tells of a broker that has lost its launcher, and has not ended yet. */
function kafkaHasIt(dataDir: string): boolean {
  const lock = join(logDir(dataDir), ".lock");
  return existsSync(lock) && isLocked(lock);
}

/** Whether a broker uses the folder whose launcher is gone, so that it is about to end. */
export function isOrphaned(dataDir: string): boolean {
  const lock = join(dataDir, LOCK);
  try {
    return existsSync(lock) && !isLocked(lock) && kafkaHasIt(dataDir);
  } catch (error) {
    // Whoever reserves the folder is told what is wrong with it.
    if (sqliteCode(error) !== undefined) return false;
    throw error;
  }
}

/** A path as a person in the current folder would write it. */
export function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return printable(fromHere.startsWith("..") ? path : fromHere || ".");
}

/**
 * Makes the folder if it is missing, and reserves it for one broker. Returns the function that gives it back.
 * Throws ProgramError when another broker uses it, or when no broker can; its line ends with `otherFolder`.
 */
export async function reserveDataFolder(folder: string, otherFolder = OTHER_FOLDER): Promise<() => void> {
  // The setting log.dirs is a list of folders, and Kafka knows no way to quote a comma.
  if (folder.includes(",")) throw unusable(folder, "contains a comma, which Kafka cannot read", otherFolder);
  const release = await makeAndLock(folder).catch((error) => {
    throw explainFolderError(folder, error, otherFolder);
  });
  if (release === undefined) throw await inUse(folder, otherFolder);
  if (kafkaHasIt(folder)) {
    release();
    throw await inUse(folder, otherFolder);
  }
  return release;
}

async function makeAndLock(folder: string): Promise<(() => void) | undefined> {
  await mkdir(folder, { recursive: true });
  return tryLock(join(folder, LOCK));
}

/** What the system says of a folder, in one line; other errors stay as they are. */
export function explainFolderError(folder: string, error: unknown, otherFolder = OTHER_FOLDER): unknown {
  const code = sqliteCode(error) ?? (error as NodeJS.ErrnoException).code;
  const problem = PROBLEMS[code ?? ""];
  return problem === undefined ? error : unusable(folder, problem, otherFolder, error);
}

function unusable(folder: string, problem: string, otherFolder: string, cause?: unknown): ProgramError {
  return new ProgramError(
    `Expected the data folder to be a folder that Kafka can use, but ${shown(folder)} ${problem}. ` +
      `Choose another: ${otherFolder}`,
    { kind: "data_folder_unusable", cause },
  );
}

async function inUse(folder: string, otherFolder: string): Promise<ProgramError> {
  const settings = await readFile(settingsFile(folder), "utf8").catch(() => "");
  // Of several the last one counts.
  const address = settings.match(/(?<=^listeners=PLAINTEXT:\/\/)[^,\s]+/gm)?.at(-1);
  const where = address === undefined ? "" : ` (on ${address})`;
  return new ProgramError(
    `Another Kafka uses the data folder ${shown(folder)}${where}. ` +
      `Stop that one, or choose another folder: ${otherFolder}`,
    { kind: "data_folder_in_use" },
  );
}
