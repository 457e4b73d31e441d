import fc from "fast-check";
import { expect, test } from "vitest";
import { addDuration, type Durations, sumDurations } from "../../view/durations.ts";
import { spreadOf } from "./quantile.ts";

function counted(times: readonly number[]): Durations {
  const durations: Durations = {};
  for (const ms of times) addDuration(durations, ms);
  return durations;
}

test("tasks that took the same time have that time as their p50 and p95", () => {
  for (const ms of [0, 1, 1000, 1004, 70_000, 9e7])
    expect(spreadOf(counted(Array(20).fill(ms)))).toEqual({ p50: ms / 1000, p95: ms / 1000 });
});

test("p50 and p95 are within a tenth of the true ones, and none is above the longest", () => {
  const times = fc.array(fc.integer({ min: 0, max: 80_000_000 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(times, (some) => {
      const sorted = some.toSorted((one, other) => one - other);
      const spread = spreadOf(counted(some));
      for (const [share, told = Number.NaN] of [[0.5, spread?.p50] as const, [0.95, spread?.p95] as const]) {
        const true_ms = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
        expect(Math.abs(told * 1000 - true_ms)).toBeLessThanOrEqual(true_ms * 0.1 + 1e-6);
        expect(told * 1000).toBeLessThanOrEqual((sorted.at(-1) ?? 0) + 1e-6);
      }
    }),
  );
});

test("of nothing there is no quantile, nor of less than nothing", () => {
  expect(spreadOf({})).toBeUndefined();
  expect(spreadOf({ 1000: [-1, -990] })).toBeUndefined();
});

test("counts add up by step", () => {
  const parts = [[5, 1000, 80], [1001, 990, 5], []];
  expect(sumDurations(parts.map(counted))).toEqual(counted(parts.flat()));
});
