import { expect, test } from "vitest";
import { addDuration, DURATION_BOUNDS, type Durations } from "../../view/durations.ts";
import { TotalsHistogram } from "./totals_histogram.ts";

test("each bucket counts all that took at most so long, to the task", async () => {
  const times = [0, ...DURATION_BOUNDS.flatMap((seconds) => [seconds * 1000 - 1, seconds * 1000 + 1])]
    .map(Math.floor)
    .concat(DURATION_BOUNDS.map((seconds) => Math.floor(seconds * 1000)));
  const durations: Durations = {};
  for (const ms of times) addDuration(durations, ms);
  const { values } = await new TotalsHistogram({ name: "t", help: "t" }, () => durations).get();
  const told = values.map(({ labels, value }) => [labels.le, value]);
  expect(told).toEqual([
    ...DURATION_BOUNDS.map((le) => [String(le), times.filter((ms) => ms <= le * 1000).length]),
    ["+Inf", times.length],
    [undefined, times.reduce((sum, ms) => sum + ms, 0) / 1000],
    [undefined, times.length],
  ]);
});
