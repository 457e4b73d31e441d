/** The file of a view: opened, made, emptied when it is of something else. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ProgramError } from "../../common/errors.ts";
import { shortPath } from "../../common/results_database.ts";
import { type Database, inTransaction, openDatabase, sqliteCode } from "../../common/sqlite.ts";
import { SCHEMA_VERSION, TABLES } from "./schema.ts";

/** What a view is of. When any of it changes, the view is of something else. */
export interface Origin {
  cluster: string;
  topics: Readonly<Record<string, string>>;
}

const DAMAGE = /^SQLITE_(CORRUPT|NOTADB)$/;
/** The kind of such a fault. */
export const DAMAGED = "damaged";

/** Opens the file for writing; one that is damaged is made anew. Throws ProgramError with one line. */
export function openViewFile(file: string, say: (line: string) => void): Database {
  return explained(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    const isMarked = existsSync(markOf(file));
    try {
      if (!isMarked) return open(file);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    say(`${shortPath(file)} was damaged: it is made anew from Kafka`);
    for (const part of ["", "-wal", "-shm"]) rmSync(file + part, { force: true, maxRetries: 20 });
    rmSync(markOf(file), { force: true });
    return open(file);
  });
}

/**
 * Notes that the file is damaged: whoever opens it the next time makes it anew. Windows would not delete it
 * now, since it is open.
 */
export function markDamaged(file: string): void {
  writeFileSync(markOf(file), "");
}

const markOf = (file: string) => `${file}.damaged`;

function open(file: string): Database {
  const database = openDatabase(file);
  try {
    // The main thread reads while this one writes.
    database.exec("PRAGMA journal_mode = WAL");
    // A power cut may undo the last transactions, rows and positions together: they are read again. With OFF
    // it could leave a file that is wrong and does not show it.
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec("PRAGMA cache_size = -64000; PRAGMA wal_autocheckpoint = 4000");
    database.exec(`PRAGMA journal_size_limit = ${64 * 2 ** 20}`);
    // What is damaged deeper inside is found when it is read.
    for (const name of tableNames(database)) database.prepare(`SELECT * FROM "${name}" LIMIT 1`).get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Whether SQLite says that the file is damaged, or that it is no database. */
export function isDamage(error: unknown): boolean {
  return DAMAGE.test(sqliteCode(error) ?? "");
}

/** Empties the database unless it is of this origin. Says whether it did, and held something else before. */
export function claimOrigin(database: Database, origin: Origin): { wasOther: boolean } {
  const wanted = JSON.stringify({ schema: SCHEMA_VERSION, ...origin });
  const hasTables = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'").get() !== undefined;
  if (hasTables && readMeta(database, "origin") === wanted) return { wasOther: false };
  emptyView(database);
  writeMeta(database, "origin", wanted);
  return { wasOther: hasTables };
}

/** Deletes all rows, but what `meta` says. */
export function emptyView(database: Database): void {
  inTransaction(database, () => {
    const names = tableNames(database);
    const meta = names.includes("meta") ? database.prepare("SELECT key, value FROM meta").all() : [];
    for (const name of names) database.exec(`DROP TABLE "${name}"`);
    database.exec(TABLES);
    for (const { key, value } of meta) writeMeta(database, String(key), String(value));
  });
}

function tableNames(database: Database): string[] {
  const listed = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return listed.map(({ name }) => String(name)).filter((name) => !name.startsWith("sqlite_"));
}

/** What the view remembers beside its rows, such as the cluster that it has read. */
export function readMeta(database: Database, key: string): string | undefined {
  const row = database.prepare("SELECT value FROM meta WHERE key = ?").get(key);
  return row === undefined ? undefined : String(row.value);
}

/** Remembers it, in place of what was there. */
export function writeMeta(database: Database, key: string, value: string): void {
  database.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(key, value);
}

const ADVICE: [RegExp, string][] = [
  [/^SQLITE_(BUSY|LOCKED)/, "another program holds it locked: end that program, then start again"],
  [/^SQLITE_(FULL|IOERR)/, "the disk may be full: make room, then start again"],
  [/^SQLITE_(CANTOPEN|READONLY)/, "it cannot be written: is --data right?"],
  [/^SQLITE_(CORRUPT|NOTADB)/, "it is damaged: start again, and it is made anew from Kafka"],
];

/** Does `work`; what goes wrong with the file becomes a ProgramError with one line. */
export function explained<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw explainFile(file, cause);
  }
}

/** One line for an error of the file; any other as it is. */
export function explainFile(file: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const code = sqliteCode(cause);
  const known = ADVICE.find(([pattern]) => pattern.test(code ?? ""))?.[1];
  const isOfFolder = "path" in cause && "syscall" in cause;
  if (code === undefined && !isOfFolder) return cause;
  const advice = isOfFolder ? "its folder cannot be made: choose another --data" : (known ?? cause.message);
  const shown = code ?? (cause as NodeJS.ErrnoException).code;
  return new ProgramError(`View ${shortPath(file)} (${shown}): ${advice}`, { cause });
}
