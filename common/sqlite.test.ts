import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { closeDatabase, inTransaction, openDatabase, sqliteCode, sqliteModule } from "./sqlite.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-sqlite-"));
});
afterEach(() => {
  // Windows deletes no file that is open, and some tests leave their database open.
  if (process.platform !== "win32") rmSync(folder, { recursive: true });
});

test.each([
  ["20.19.0", "@photostructure/sqlite"],
  ["22.23.3", "@photostructure/sqlite"],
  ["24.14.1", "@photostructure/sqlite"],
  ["24.15.0", "node:sqlite"],
  ["26.0.0", "node:sqlite"],
])("Node %s gets its SQLite from %s", (version, module) => {
  expect(sqliteModule(version)).toBe(module);
});

test("a transaction stores all or nothing", () => {
  const database = openDatabase(join(folder, "a.db"));
  database.exec("CREATE TABLE numbers (n INTEGER UNIQUE)");
  const insert = database.prepare("INSERT INTO numbers VALUES (?)");
  const count = () => database.prepare("SELECT count(*) AS count FROM numbers").get();

  expect(inTransaction(database, () => Number(insert.run(1).changes))).toBe(1);
  expect(() =>
    inTransaction(database, () => {
      insert.run(2);
      insert.run(1);
    }),
  ).toThrow(/UNIQUE/);
  expect(count()).toEqual({ count: 1 });
  database.close();
});

test("a closed database is one file, which may be copied", () => {
  const [file, copy] = [join(folder, "a.db"), join(folder, "copy.db")];
  const database = openDatabase(file);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE numbers (n)");
  const insert = database.prepare("INSERT INTO numbers VALUES (?)");
  inTransaction(database, () => insert.run(1));
  closeDatabase(database);
  copyFileSync(file, copy);
  const { n } = openDatabase(copy, { readOnly: true }).prepare("SELECT n FROM numbers").get() as {
    n: number;
  };
  expect(n).toBe(1);
});

test.each([
  ["no such folder", () => openDatabase(join(folder, "none", "a.db")), "SQLITE_CANTOPEN"],
  ["no such file to read", () => openDatabase(join(folder, "a.db"), { readOnly: true }), "SQLITE_CANTOPEN"],
  ["not a database", () => openDatabase(writeText()).exec("PRAGMA user_version"), "SQLITE_NOTADB"],
  ["another error of SQLite", () => openDatabase(":memory:").exec("SELECT * FROM nothing"), "SQLITE_ERROR"],
  ["not an error of SQLite", () => JSON.parse("{"), undefined],
])("%s has its code", (_, work, code) => {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Error);
  expect(sqliteCode(thrown)).toBe(code);
});

function writeText(): string {
  const file = join(folder, "text.db");
  writeFileSync(file, "not a database".repeat(100));
  return file;
}

/** With better-sqlite3 12 the last of these ended by a native assertion on Node 24, in the middle of the work. */
test.each([
  ["process.exit(3)", { status: 3, signal: null }],
  ["throw new Error('out')", { status: 1, signal: null }],
  ["Promise.reject(new Error('out'))", { status: 1, signal: null }],
  [
    "process.kill(process.pid, 'SIGKILL'); await new Promise((resolve) => setTimeout(resolve, 60_000))",
    killed(),
  ],
  ["", { status: 0, signal: null }],
  [
    "for (let i = 0; i < 2000; i += 1) { use(database, 5); await null; garbage(); }",
    { status: 0, signal: null },
  ],
])("a process with an open database ends as it should: %s", (ending, expected) => {
  const script = `
    import { openDatabase } from "./common/sqlite.ts";
    const database = openDatabase(${JSON.stringify(join(folder, "a.db"))});
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE numbers (n)");
    function use(database, times) {
      for (let i = 0; i < times; i += 1) database.prepare("SELECT ? AS n").get(i);
    }
    const garbage = () => Array.from({ length: 1000 }, (_, i) => ({ i }));
    use(database, 500);
    ${ending}`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const { status, signal, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ status, signal }).toEqual(expected);
  expect(stderr).not.toMatch(/assert/i);
  if (expected.status === 0) expect(stderr).toBe("");
});

/** Windows knows no signals: a process that is killed there has exit code 1. */
function killed() {
  return process.platform === "win32" ? { status: 1, signal: null } : { status: null, signal: "SIGKILL" };
}
