/** The persister's tables as the gateway reads them: in steps, both together, the newest first. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SPECIES } from "../../../common/iris.ts";
import type { StoredFailure, StoredPrediction } from "../../../common/results_schema.ts";
import { openResultsStore } from "../../../common/results_store.ts";
import { type Database, openDatabase } from "../../../common/sqlite.ts";
import { ResultCounts } from "./counts.ts";
import { toCsv } from "./csv.ts";
import type { ResultsFilter } from "./filter.ts";
import { isFailure, newestFirst, type Row, theNewest } from "./read_results.ts";

/** More than one step looks through, and more than one step hands over. */
const MANY = 12_345;

let folder: string;
let file: string;
let database: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-results-"));
  file = join(folder, "predictions.db");
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, maxRetries: 20 });
});

let offset = 0;
const place = () => ({
  topic: "results",
  partition: 0,
  offset: String(offset++),
  timestamp: "1772366400000",
});
const prediction = (index: number): StoredPrediction => ({
  ...{ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 },
  iris_type: (index % 3) as 0 | 1 | 2,
  species: SPECIES[index % 3] ?? "setosa",
  task_id: index % 5 === 0 ? null : `p${index}`,
  worker: index % 1000 === 0 ? "rare" : "worker-1",
  model: "m",
  ...place(),
});
const failure = (index: number, code = "invalid_input"): StoredFailure => ({
  ...{ task_id: `f${index}`, code, message: "no", worker: null },
  ...place(),
});

/** Stores rows, and opens what is then there. `change` is SQL. */
function fill(predictions: StoredPrediction[], failures: StoredFailure[], change = ""): void {
  const store = openResultsStore(file);
  store.save({
    rows: [...predictions, ...failures],
    last: { topic: "results", partition: 0, offset: "0", timestamp: "0" },
  });
  store.close();
  if (change !== "") {
    const writable = openDatabase(file);
    writable.exec(change);
    writable.close();
  }
  database = openDatabase(file, { readOnly: true });
}

async function readAll(filter: ResultsFilter = {}, from = theNewest(database)): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const some of newestFirst(database, filter, from)) rows.push(...some);
  return rows;
}

const times = (count: number) => Array.from({ length: count }, (_, index) => index);
const name = (row: Row) => `${isFailure(row) ? "f" : "p"}${row.id}`;

test("predictions and failures are one list, the newest first, from any place on", async () => {
  fill(
    times(4).map(prediction),
    times(3).map((index) => failure(index)),
    `UPDATE iris_prediction SET stored_at = '2026-03-01T12:0' || id || ':00.000Z';
     UPDATE iris_failure SET stored_at = '2026-03-01T12:0' || (2 * id) || ':30.000Z'`,
  );
  expect((await readAll()).map(name)).toEqual(["f3", "p4", "f2", "p3", "p2", "f1", "p1"].sort(byTime));
  expect((await readAll({}, { iris_prediction: 3, iris_failure: 2 })).map(name)).toEqual(["f1", "p2", "p1"]);
  const since = { since: "2026-03-01T12:02:00.000Z", until: "2026-03-01T12:04:00.000Z" };
  expect((await readAll(since)).map(name)).toEqual(["p3", "f1", "p2"]);

  function byTime(a: string, b: string): number {
    const minute = (row: string) => (row.startsWith("p") ? Number(row[1]) : 2 * Number(row[1]) + 0.5);
    return minute(b) - minute(a);
  }
});

test("a table of many steps is read whole, each row once", async () => {
  fill(
    times(MANY).map(prediction),
    times(7).map((index) => failure(index, index % 2 === 0 ? "CANCELLED" : "invalid_input")),
  );
  const all = await readAll();
  expect(new Set(all.map(name)).size).toBe(MANY + 7);
  expect(all.length).toBe(MANY + 7);
  const ids = all.filter((row) => !isFailure(row)).map(({ id }) => id);
  expect(ids).toEqual(times(MANY).map((index) => MANY - index));

  const rare = await readAll({ worker: "rare" });
  expect(rare.map(({ id }) => id)).toEqual(times(13).map((index) => 12_001 - 1000 * index));
  expect((await readAll({ task_id: "p7" })).map(name)).toEqual(["p8"]);
  expect((await readAll({ task_id: "f2" })).map(name)).toEqual(["f3"]);
  expect(await readAll({ task_id: "nobody" })).toEqual([]);
  expect((await readAll({ status: "CANCELLED" })).map(name)).toEqual(["f7", "f5", "f3", "f1"]);
  expect((await readAll({ status: "FAILED" })).length).toBe(3);
  expect((await readAll({ status: "SUCCESS", species: "setosa" })).length).toBe(MANY / 3);
  expect(await readAll({ status: "FAILED", species: "setosa" })).toEqual([]);
});

test("counts go on where they ended, also for several who ask at once", async () => {
  fill(
    times(100).map(prediction),
    times(3).map((index) => failure(index)),
  );
  const counts = new ResultCounts();
  const first = { setosa: 34, versicolor: 33, virginica: 33, failed: 3, cancelled: 0 };
  expect(await Promise.all(times(3).map(() => counts.count(database, {})))).toEqual([first, first, first]);
  database.close();
  fill(times(MANY).slice(100).map(prediction), [failure(3, "CANCELLED")]);
  const second = { setosa: 4115, versicolor: 4115, virginica: 4115, failed: 3, cancelled: 1 };
  expect(await Promise.all(times(3).map(() => counts.count(database, {})))).toEqual([second, second, second]);
  expect(await counts.count(database, { worker: "rare" })).toMatchObject({ failed: 0, cancelled: 0 });
  expect(await new ResultCounts().count(database, {})).toEqual(second);
});

test("a spreadsheet runs nothing of the CSV", async () => {
  const worker = (text: string | null, index: number) => ({ ...prediction(index + 1), worker: text });
  fill(['=HYPERLINK("http://x";1)', "+1", "-1", "@x", "\t=1", 'a"b,c\nd', "ä", null].map(worker), [
    failure(1),
  ]);
  let text = "";
  for await (const some of toCsv(newestFirst(database, {}, theNewest(database)))) text += some;
  const { parse } = await import("csv-parse/sync");
  const [head = [], ...records] = parse(text, { record_delimiter: "\r\n" }) as string[][];
  const column = (title: string) => records.map((record) => record[head.indexOf(title)]);
  // The failure was stored in the same millisecond, or a later one.
  const answered = records.filter((record) => record[head.indexOf("status")] === "SUCCESS");
  expect(answered.map((record) => record[head.indexOf("worker")]).reverse()).toEqual([
    ...['\'=HYPERLINK("http://x";1)', "'+1", "'-1", "'@x", "'\t=1", 'a"b,c\nd', "ä", ""],
  ]);
  expect(column("sepal_length").sort()).toEqual(["", ...times(8).map(() => "6")]);
  expect(column("answered_at")).toEqual(times(9).map(() => "2026-03-01T12:00:00.000Z"));
});
