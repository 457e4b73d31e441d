import { expect, test } from "vitest";
import { spansOf, stepsOf, type Task } from "./journey.js";

const ORIGIN = "http://localhost:8080";
const task = (more: Partial<Task>): Task => ({
  task_id: "7f3a",
  status: "PENDING",
  partition: 3,
  offset: 17,
  accepted_at: "2026-03-01T12:00:00.000Z",
  ...more,
});
const done = task({
  status: "SUCCESS",
  worker: "worker-2",
  attempts: 1,
  started_at: "2026-03-01T12:00:02.000Z",
  ended_at: "2026-03-01T12:00:03.015Z",
  duration_ms: 1009,
  species: "versicolor",
});
const say = (known: Task, more: { row?: number; before?: number; isStoring?: boolean } = {}) =>
  stepsOf({ isStoring: true, ...more, task: known }, ORIGIN).map(
    ({ name, state, words }) => `${name} ${state}: ${words}`,
  );

test("a task that waits", () => {
  expect(say(task({ position: 2, eta_seconds: 3 }))).toEqual([
    "accepted done: Kafka has it in partition 3 at offset 17.",
    "waits now: 2 before it. About 3.0 s to go.",
    "begun later: ",
    "answered later: ",
    "stored later: ",
  ]);
  expect(say(task({ position: 0 }))[1]).toBe("waits now: It is the next.");
});

test("a task that is answered and stored", () => {
  expect(say(done, { row: 18, before: 2 })).toEqual([
    "accepted done: Kafka has it in partition 3 at offset 17.",
    "waits done: 2 before it. It waited 2,000 ms.",
    "begun done: worker-2 has it.",
    "answered done: It is versicolor. The worker needed 1,009 ms.",
    "stored done: Row 18 of the persister's table.",
  ]);
  expect(
    stepsOf({ task: done, row: 18, isStoring: true }, ORIGIN).map(({ at }) => at && at % 60_000),
  ).toEqual([0, undefined, 2000, 3015, undefined]);
  expect(stepsOf({ task: done, row: 18, isStoring: true }, ORIGIN)[3]?.command).toBe(
    "curl -s http://localhost:8080/tasks/7f3a/result",
  );
});

test("who runs no persister is told so, and that nothing is lost", () => {
  expect(say(done, { isStoring: false }).at(-1)).toBe(
    "stored now: No persister runs: the answer stays in Kafka until one does.",
  );
});

test("a second attempt, a failure, a cancellation", () => {
  expect(say(task({ status: "STARTED", worker: "worker-3", attempts: 2 }))[2]).toBe(
    "begun now: worker-3 has it, at attempt 2: the worker before it fell silent.",
  );
  const failed = task({ status: "FAILED", error: { code: "invalid_input", message: "Expected JSON" } });
  expect(say(failed).slice(2, 4)).toEqual(["begun never: ", "failed done: Expected JSON"]);
  const cancelled = task({ status: "CANCELLED", error: { code: "CANCELLED", message: "Cancelled" } });
  expect(say(cancelled)[3]).toBe("cancelled done: Cancelled");
});

test("where the time went", () => {
  expect(spansOf(done).map(({ name, ms }) => [name, ms])).toEqual([
    ["waited", 2000],
    ["worked", 1009],
    ["on its way", 6],
  ]);
  expect(spansOf(done).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  expect(spansOf(task({}))).toEqual([]);
});
