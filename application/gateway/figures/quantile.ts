/** Quantiles from counts in steps. */
import { type Durations, entriesOf } from "../../view/durations.ts";

export interface Spread {
  /** Seconds. */
  p50: number;
  p95: number;
}

/** Undefined where nothing was counted. */
export function spreadOf(durations: Durations): Spread | undefined {
  // A bucket that was forgotten, and then had something taken back, counts less than nothing.
  const held = entriesOf(durations)
    .map(([, step]) => step)
    .filter(([count]) => count > 0);
  const total = held.reduce((sum, [count]) => sum + count, 0);
  if (total === 0) return undefined;
  return { p50: quantile(held, total * 0.5), p95: quantile(held, total * 0.95) };
}

/**
 * The mean of the step that the rank is in: at most a tenth away, exact where all took the same time, and
 * never above the longest.
 */
function quantile(held: readonly Durations[number][], rank: number): number {
  let before = 0;
  const found = held.find(([count]) => {
    before += count;
    return before >= rank;
  });
  const [count, ms] = found ?? [1, 0];
  return ms / count / 1000;
}
