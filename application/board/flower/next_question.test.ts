/** One flower's journey asks the gateway no more than it must. */
import { expect, test } from "vitest";
import { nextQuestion } from "./next_question.js";

const CALM = {
  task: undefined,
  row: undefined,
  storedThen: undefined,
  stored: undefined,
  isRefused: false,
  isNamed: false,
  isDue: true,
};
const done = { task: { status: "SUCCESS" as const } };

test("a task that is not known is not asked for again, until an event tells of it", () => {
  expect(nextQuestion(CALM)).toBe("task");
  expect(nextQuestion({ ...CALM, isRefused: true })).toBe(undefined);
  expect(nextQuestion({ ...CALM, isRefused: true, isNamed: true })).toBe("task");
});

test("a task that waits is asked for again and again", () => {
  const waits = { ...CALM, task: { status: "PENDING" as const } };
  expect(nextQuestion(waits)).toBe("task");
  expect(nextQuestion({ ...waits, isDue: false })).toBe(undefined);
});

test("the row of a finished task is asked for only when the persister has stored something", () => {
  expect(nextQuestion({ ...CALM, ...done })).toBe(undefined);
  expect(nextQuestion({ ...CALM, ...done, stored: 3 })).toBe("row");
  expect(nextQuestion({ ...CALM, ...done, stored: 3, storedThen: 3 })).toBe(undefined);
  expect(nextQuestion({ ...CALM, ...done, stored: 4, storedThen: 3 })).toBe("row");
  expect(nextQuestion({ ...CALM, ...done, stored: 5, storedThen: 3, row: 4 })).toBe(undefined);
});
