import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { shortPath } from "./results_database.ts";
import type { StoredPrediction } from "./results_schema.ts";
import { openResultsStore, readHistory } from "./results_store.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 20 }));

const place = { topic: "results", partition: 0, offset: "7", timestamp: "1" };
const flower = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1, iris_type: 1 } as const;
const row: StoredPrediction = {
  ...flower,
  ...{ species: "versicolor", task_id: "a", worker: null, model: "m" },
  ...place,
};
const failure = { task_id: "b", code: "invalid_input", message: "no", worker: "w", ...place };

test("stores each row once, in whatever order its fields come, with the position", () => {
  const file = join(folder, "a.db");
  const store = openResultsStore(file);
  const reordered = Object.fromEntries(Object.entries(row).reverse()) as StoredPrediction;
  const batch = { rows: [reordered, failure], last: place };
  expect(store.position("results", 0)).toBeUndefined();
  expect(store.save(batch)).toEqual({ predictions: 1, failures: 1 });
  expect(store.save({ ...batch, rows: [row, failure] })).toEqual({ predictions: 0, failures: 0 });
  expect(store.position("results", 0)).toEqual({ last_offset: "7", last_timestamp: "1" });
  store.close();
  const { latest, failures, counts } = readHistory(file, 10);
  expect(latest).toEqual([expect.objectContaining(row)]);
  expect(failures).toEqual([expect.objectContaining(failure)]);
  expect(counts).toEqual([{ species: "versicolor", count: 1 }]);
});

const answered = { ...row, offset: "8" };
const cancelled = { ...failure, task_id: "a", code: "CANCELLED", offset: "9" };

test.each([
  ["the answer", answered, cancelled],
  ["the failure", cancelled, answered],
])("where a task has one end, %s that comes first is its end: in a batch, and later", (_, first, late) => {
  for (const batches of [[[first, late]], [[first], [late]]]) {
    const file = join(folder, `${batches.length}.db`);
    const save = (isFirstFinal: boolean) => {
      const store = openResultsStore(file, { isFirstFinal });
      const counts = batches.map((rows) => store.save({ rows, last: place }));
      store.close();
      return counts.reduce((sum, { predictions, failures }) => sum + predictions + failures, 0);
    };
    expect(save(true)).toBe(1);
    // The same file in the hands of a persister that does not know the rule, and then again of one that does.
    expect(save(false)).toBe(1);
    expect(save(true)).toBe(0);
  }
});

test("an answer to a task without id is stored whatever has failed", () => {
  const store = openResultsStore(join(folder, "a.db"), { isFirstFinal: true });
  const anonymous = { ...row, task_id: null };
  const rows = [failure, anonymous, { ...anonymous, offset: "10" }];
  expect(store.save({ rows, last: place })).toEqual({ predictions: 2, failures: 1 });
  store.close();
});

test.each([
  [
    "gone.db",
    /^There is no database .*gone\.db yet: start a persister, which makes it, or choose another --db$/,
  ],
  [join("none", "gone.db"), /its folder does not exist: make the folder, or choose another --db$/],
])("no history in %s: says what to do", (name, message) => {
  expect(() => readHistory(join(folder, name), 10)).toThrow(message);
});

test("a path is shown as it would be typed, if the file lies in the current folder", () => {
  expect(shortPath(join(process.cwd(), "data", "a.db"))).toBe(join("data", "a.db"));
  expect(shortPath(join(folder, "a.db"))).toBe(join(folder, "a.db"));
});
