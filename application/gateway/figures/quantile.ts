/** Quantiles from the counts of a histogram. */
import { DURATION_BOUNDS } from "../../view/schema.ts";

export interface Spread {
  /** Seconds. */
  p50: number;
  p95: number;
}

/** Undefined where nothing was counted. `counts` are those of DURATION_BOUNDS, and of what took longer. */
export function spreadOf(counts: readonly number[]): Spread | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return undefined;
  return { p50: quantile(counts, total * 0.5), p95: quantile(counts, total * 0.95) };
}

/** As Prometheus' histogram_quantile() does: values are taken as spread evenly between two bounds. */
function quantile(counts: readonly number[], rank: number): number {
  let before = 0;
  for (const [index, bound] of DURATION_BOUNDS.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && before + count >= rank) {
      const low = DURATION_BOUNDS[index - 1] ?? 0;
      return low + (bound - low) * ((rank - before) / count);
    }
    before += count;
  }
  return DURATION_BOUNDS.at(-1) ?? 0; // Of what took longer no more is known.
}

/** Adds counts up. */
export function sumCounts(lists: readonly (readonly number[])[]): number[] {
  return Array.from({ length: DURATION_BOUNDS.length + 1 }, (_, index) =>
    lists.reduce((sum, counts) => sum + (counts[index] ?? 0), 0),
  );
}
