/** A database that cannot be read now: what is said, without its path. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TABLES } from "../../../common/results_schema.ts";
import { openDatabase } from "../../../common/sqlite.ts";
import type { Problem } from "../http/problem.ts";
import { openResults } from "./open_results.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-results-"));
  file = join(folder, "predictions.db");
});
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 20 }));

async function refusal(): Promise<{ type: string; detail: string; status: number }> {
  const problem: Problem = await openResults(file).then(
    ({ database }) => {
      database.close();
      throw new Error("it was opened");
    },
    (error) => error,
  );
  expect(problem.message).not.toContain(folder);
  return { type: problem.type, detail: problem.message, status: problem.status };
}

test("missing, and there without its tables", async () => {
  const missing = { type: "no-database", status: 503, detail: expect.stringContaining("start a persister") };
  expect(await refusal()).toEqual(missing);
  const database = openDatabase(file);
  database.exec("CREATE TABLE other (id)");
  expect(await refusal()).toEqual(missing);
  database.exec(TABLES);
  const { database: opened, identity } = await openResults(file);
  expect(opened.prepare("SELECT count(*) AS count FROM iris_prediction").get()).toEqual({ count: 0 });
  opened.close();
  database.close();
  expect(identity).toMatch(/^\d+:\d+:[\d.]+$/);
});

test("locked by another program, and no database at all", async () => {
  const unreadable = { type: "database-unreadable", status: 503 };
  // Without a write-ahead log, which the persister's has: with one, nobody locks readers out.
  const database = openDatabase(file);
  database.exec(TABLES);
  database.exec("BEGIN EXCLUSIVE");
  expect(await refusal()).toMatchObject({ ...unreadable, detail: expect.stringContaining("SQLITE_BUSY") });
  database.exec("ROLLBACK");
  database.close();
  writeFileSync(file, "This is a text, and not a database.".repeat(100));
  expect(await refusal()).toMatchObject({ ...unreadable, detail: expect.stringContaining("SQLITE_NOTADB") });
});
