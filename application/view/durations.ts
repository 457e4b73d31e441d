/**
 * How long tasks waited and worked, counted in steps of a tenth. What a step holds is known by its count and
 * its sum, both of which can be taken back: the largest value could not.
 */

/** Upper bounds of the histograms of GET /metrics, in seconds. What took longer is in none of them. */
export const DURATION_BOUNDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600,
] as const;

/** By the upper bound of a step, in milliseconds. Only steps that hold something are there. */
export type Durations = Record<number, readonly [count: number, milliseconds: number]>;

/** What takes longer is in the last step. */
const LAST_STEP_MS = 24 * 3_600_000;
/** Times are whole milliseconds, so up to 10 ms each has its own step. */
const STEPS: readonly number[] = makeSteps();

function makeSteps(): number[] {
  const steps = [0];
  for (let last = 0; last < LAST_STEP_MS; ) {
    const next = Math.max(last + 1, Math.floor(last * 1.1));
    // The bounds of the metrics end a step, so that their counts are sums of whole steps.
    const bound = DURATION_BOUNDS.map((seconds) => Math.floor(seconds * 1000)).find((ms) => ms > last);
    last = Math.min(next, bound ?? LAST_STEP_MS, LAST_STEP_MS);
    steps.push(last);
  }
  return steps;
}

/** The upper bound of the step that holds this time. */
export function stepOf(ms: number): number {
  let low = 0;
  let high = STEPS.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((STEPS[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return STEPS[low] ?? 0;
}

/** Counts one more (or, with -1, one less). */
export function addDuration(durations: Durations, ms: number, sign = 1): void {
  const step = stepOf(ms);
  const [count, sum] = durations[step] ?? [0, 0];
  // A step whose last one was taken back looks as if it had never held one.
  if (count + sign === 0) delete durations[step];
  else durations[step] = [count + sign, sum + sign * ms];
}

/** Adds counts up. */
export function sumDurations(lists: readonly Durations[]): Durations {
  const all: Durations = {};
  for (const durations of lists)
    for (const [step, [count, ms]] of entriesOf(durations)) {
      const [before, sum] = all[step] ?? [0, 0];
      all[step] = [before + count, sum + ms];
    }
  return all;
}

/** From the shortest to the longest: JavaScript sorts such keys of an object as numbers. */
export function entriesOf(durations: Durations): [step: number, Durations[number]][] {
  return Object.entries(durations).map(([step, held]) => [Number(step), held]);
}
