/** The rules of all topics: whatever order the topics are read in, the rows and figures end the same. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { plans, send } from "../../tests/support/task_fates.ts";
import { dump, layOut, read, type Sent, X } from "../../tests/support/view_log.ts";
import { CLAIM_MS } from "../claims_wire.ts";
import { addDuration, type Durations } from "./durations.ts";
import { findTask, taskHistory } from "./queries.ts";
import { STATUSES } from "./schema.ts";

test("rows and figures do not depend on the order in which the topics are read", () => {
  const numbers = () => fc.infiniteStream(fc.nat());
  fc.assert(
    fc.property(plans, numbers(), numbers(), (planned, order, choices) => {
      const lanes = send(planned, order);
      const one = read(lanes);
      const other = read(lanes, choices);
      expect(dump(other.database)).toEqual(dump(one.database));
      one.database.close();
      other.database.close();
    }),
    { numRuns: 200 },
  );
});

test("the totals and the figures are what the rows say, to the task", () => {
  fc.assert(
    fc.property(plans, fc.infiniteStream(fc.nat()), (planned, choices) => {
      const { database } = read(send(planned, [][Symbol.iterator]()), choices);
      const rows = database.prepare("SELECT * FROM task").all() as unknown as Record<string, number | null>[];
      const counts = {
        accepted: rows.filter(({ accepted_at }) => accepted_at !== null).length,
        answered: rows.filter(({ status }) => status === STATUSES.indexOf("SUCCESS")).length,
        failed: rows.filter(({ status }) => status === STATUSES.indexOf("FAILED")).length,
        cancelled: rows.filter(({ status }) => status === STATUSES.indexOf("CANCELLED")).length,
        dead: Number(database.prepare("SELECT count(*) AS n FROM dead_letter").get()?.n),
      };
      const ended = rows.filter(({ ended_at }) => ended_at !== null);
      const waits = ended.flatMap(({ started_at, accepted_at }) =>
        started_at == null || accepted_at == null ? [] : [Math.max(0, started_at - accepted_at)],
      );
      const works = ended.flatMap(({ duration_ms }) => duration_ms ?? []);
      const expected = {
        ...counts,
        waited: counted(waits),
        worked: counted(works),
      };
      const totals = database.prepare("SELECT name, value FROM total").all();
      const stored = Object.fromEntries(totals.map(({ name, value }) => [name, value]));
      const parse = (value: unknown) => JSON.parse(String(value ?? "{}"));
      const found = { ...stored, waited: parse(stored.waited), worked: parse(stored.worked) };
      if (totals.length > 0) expect(found).toEqual(expected);
      else expect(rows).toEqual([]);
      const figures = database.prepare("SELECT * FROM figure").all();
      for (const name of ["accepted", "answered", "failed", "cancelled", "dead"] as const)
        expect(figures.reduce((sum, row) => sum + Number(row[name]), 0)).toBe(counts[name]);
      database.close();
    }),
    { numRuns: 100 },
  );
});

function counted(times: number[]): Durations {
  const durations: Durations = {};
  for (const ms of times) addDuration(durations, ms);
  return durations;
}

/** The row and the history of one task, after these messages. */
function after(sent: Sent[], id = "a") {
  const { database } = read(layOut(sent));
  const row = findTask(database, id);
  return { status: STATUSES[row?.status ?? 99], row, history: taskHistory(database, id) };
}

test("the first record of a task decides, a later one is noted and counts for nothing", () => {
  const { status, row, history } = after([
    { topic: "tasks", value: { task_id: "a", X } },
    { topic: "results", value: { task_id: "a", error: { code: "CANCELLED", message: "no" } }, at: 2000 },
    { topic: "results", value: { task_id: "a", X, y: { iris_type: 1 }, worker: "w" }, at: 3000 },
  ]);
  expect({ status, error: row?.error_code, result: row?.result_offset }).toEqual({
    status: "CANCELLED",
    error: "CANCELLED",
    result: 0,
  });
  expect(history).toEqual([
    { kind: "PENDING", at: 1000, topic: "tasks", partition: 0, offset: 0 },
    { kind: "CANCELLED", at: 2000, topic: "results", partition: 0, offset: 0, outcome: "CANCELLED" },
    { kind: "LATE", at: 3000, topic: "results", partition: 0, offset: 1, outcome: "versicolor", worker: "w" },
  ]);
});

test("a task of stage 4 is named by its place, and found by that of its answer", () => {
  const told = { worker: "w", partition: 2, offset: "0", started_at: 1500, duration_ms: 7 };
  const { status, row, history } = after(
    [
      { topic: "tasks", partition: 2, value: X },
      { topic: "results", value: { X, y: { iris_type: 2 }, ...told }, at: 1600 },
    ],
    "2@0",
  );
  expect(status).toBe("SUCCESS");
  expect(row).toMatchObject({ ...X, iris_type: 2, worker: "w", duration_ms: 7, partition: 2, offset: 0 });
  expect(history.map(({ kind, at, topic }) => [kind, at, topic])).toEqual([
    ["PENDING", 1000, "tasks"],
    ["STARTED", 1500, "results"],
    ["SUCCESS", 1600, "results"],
  ]);
});

test("rubbish is a task that fails by its dead letter, and its replay is linked to that", () => {
  const headers = { "original-topic": "tasks", "original-partition": "0", "original-offset": "0" };
  const sent: Sent[] = [
    { topic: "tasks", value: "?" },
    { topic: "deadLetters", value: "?", headers: { ...headers, reason: "Expected JSON" }, at: 2000 },
    { topic: "tasks", value: { task_id: "again", X }, headers: { "replay-of": "0/0" }, at: 3000 },
  ];
  const { status, row, history } = after(sent, "0@0");
  expect(status).toBe("FAILED");
  expect(row).toMatchObject({
    sepal_length: null,
    error_code: "invalid_input",
    error_message: "Expected JSON",
  });
  expect(history.map(({ kind, topic }) => [kind, topic])).toEqual([
    ["PENDING", "tasks"],
    ["FAILED", "deadLetters"],
  ]);
  expect(after(sent, "again").row?.replay_of).toBe("0/0");
  const { database } = read(layOut(sent));
  expect(database.prepare("SELECT replayed_as FROM dead_letter").get()).toMatchObject({
    replayed_as: "again",
  });
});

test("what is no task event, no result, no claim, or has odd numbers, does no harm", () => {
  const odd = { partition: 1e300, offset: "x", started_at: -1e300, duration_ms: 1e300 };
  const { database } = read(
    layOut([
      ...["", "?", "null", "[]", "{}", '{"event":"X"}'].flatMap((value): Sent[] => [
        { topic: "events", value },
        { topic: "results", value },
        { topic: "keys", key: "k", value },
        { topic: "deadLetters", value, headers: { "original-topic": "tasks", "original-offset": "-0x1" } },
      ]),
      { topic: "results", value: { X, y: { iris_type: 1 }, worker: "w", ...odd } },
      { topic: "results", value: { task_id: "i".repeat(201), X, y: { iris_type: 1 } } },
      { topic: "events", value: { event: "STARTED", worker: "w", ...odd, at: 1e300 }, at: 4000 },
      { topic: "keys", value: { id: "a", hash: "h" } },
    ]),
  );
  const { tasks, events, letters, keys } = dump(database);
  expect(tasks.map(({ id, started_at }) => [id, started_at])).toEqual([
    ["result@6", null],
    ["result@7", null],
  ]);
  expect(events).toMatchObject([{ id: "0@0", at: 4000, task_offset: null }]);
  expect(letters).toHaveLength(6);
  expect(keys).toEqual([]);
});

test("the first claim of a key counts for 24 hours, by the claims' own times", () => {
  const claim = (id: string, at: number): Sent => ({
    topic: "keys",
    key: "k",
    value: { id, hash: "h", at },
    at,
  });
  const winner = (...claims: Sent[]) => dump(read(layOut(claims)).database).keys.map(({ id }) => id);
  expect(winner(claim("a", 1000), claim("b", 1000 + CLAIM_MS))).toEqual(["a"]);
  expect(winner(claim("a", 1000), claim("b", 1001 + CLAIM_MS))).toEqual(["b"]);
});
