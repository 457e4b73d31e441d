import { expect, test } from "vitest";
import { addDuration, DURATION_BOUNDS, type Durations, stepOf } from "./durations.ts";

test("a step is at most a tenth of its time, and holds no bound of the metrics inside", () => {
  for (let ms = 1; ms < 86_400_000; ms = Math.ceil(ms * 1.01)) {
    const step = stepOf(ms);
    expect(step).toBeGreaterThanOrEqual(ms);
    expect(step).toBeLessThanOrEqual(Math.max(10, ms * 1.1));
    expect(DURATION_BOUNDS.filter((seconds) => seconds * 1000 >= ms && seconds * 1000 < step)).toEqual([]);
  }
  expect(stepOf(1e9)).toBe(86_400_000);
});

test("what was counted and taken back leaves nothing", () => {
  const durations: Durations = {};
  addDuration(durations, 1004);
  addDuration(durations, 1010);
  addDuration(durations, 1004, -1);
  expect(Object.values(durations)).toEqual([[1, 1010]]);
  addDuration(durations, 1010, -1);
  expect(durations).toEqual({});
});
