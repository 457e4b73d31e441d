import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Prediction } from "./iris.ts";
import { formatResult, parseResult, parseTask } from "./messages.ts";

const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
const prediction: Prediction = {
  iris_type: 1,
  species: "versicolor",
  probabilities: { setosa: 0, versicolor: 0.96, virginica: 0.04 },
  model: "0123456789ab",
};
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

test("a task is read with an id, without one, and as the bare measurements", () => {
  expect(parseTask(bytes({ task_id: "7f3a", X }))).toEqual({ ok: true, value: { task_id: "7f3a", X } });
  expect(parseTask(bytes({ X }))).toEqual({ ok: true, value: { X } });
  expect(parseTask(bytes(X))).toEqual({ ok: true, value: { X } });
});

test("a bad task gives its id where there is one", () => {
  const bad = (value: unknown) => {
    const task = parseTask(bytes(value));
    return task.ok ? task : { field: task.error.field, task_id: task.task_id };
  };
  expect(bad({ task_id: "a", X: { ...X, petal_width: 31 } })).toEqual({ field: "petal_width", task_id: "a" });
  expect(bad({ task_id: "a" })).toEqual({ field: "the measurements", task_id: "a" });
  for (const task_id of [5, "", null, "x".repeat(201)]) {
    expect(bad({ task_id, X })).toEqual({ field: "task_id", task_id: undefined });
  }
  expect(bad([])).toEqual({ field: "sepal_length", task_id: undefined });
});

test("X holds the four measurements and y holds iris_type, and nothing else", () => {
  const facts = { worker: "w", partition: 3, offset: "17", started_at: 1, duration_ms: 2 };
  const { X: seenX, y, ...beside } = JSON.parse(formatResult({ task_id: "a", X }, prediction, facts));
  expect(seenX).toEqual(X);
  expect(y).toEqual({ iris_type: 1 });
  const { iris_type: _, ...rest } = prediction;
  expect(beside).toEqual({ task_id: "a", ...rest, ...facts });
});

test("a result is read as our workers send it, as they sent it before, and with as little as it may hold", () => {
  const answer = (value: unknown) => {
    const result = parseResult(bytes(value));
    return result.ok && "answer" in result.value ? result.value.answer : result;
  };
  expect(answer(JSON.parse(formatResult({ X }, prediction)))).toEqual(prediction);
  expect(answer({ X, y: prediction })).toEqual(prediction);
  expect(answer({ y: { iris_type: 0 } })).toEqual({ iris_type: 0 });
});

test("a failure is read with its id", () => {
  const failure = { task_id: "a", error: { code: "invalid_input", message: "m" } };
  expect(parseResult(bytes(failure))).toEqual({ ok: true, value: failure });
});

test("any bytes are a value or an error, never an exception", () => {
  void fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (input) => {
      const value = Buffer.from(input);
      for (const parsed of [parseTask(value), parseResult(value)]) {
        expect(parsed.ok || parsed.error.message.startsWith("Expected ")).toBe(true);
      }
    }),
  );
});
