/**
 * Is it getting better or worse: from how many waited in the last seconds.
 * @import { Sample } from "../live/store.js"
 */
import { duration, rate } from "../parts/format.js";

const LOOK_BACK_MS = 6000;
/** A second's change that is no trend. */
const STEADY = 0.2;

/**
 * @param {readonly Sample[]} samples
 * @returns {{ way: "none" | "steady" | "up" | "down", words: string }}
 */
export function trendOf(samples) {
  const last = samples.at(-1);
  if (last === undefined) return { way: "none", words: "" };
  const first = samples.find(({ at }) => at >= last.at - LOOK_BACK_MS) ?? last;
  const seconds = (last.at - first.at) / 1000;
  if (seconds < 2) return { way: "none", words: "" };
  const perSecond = (last.waiting - first.waiting) / seconds;
  if (Math.abs(perSecond) < STEADY) return { way: "steady", words: last.waiting === 0 ? "" : "steady" };
  if (perSecond > 0) return { way: "up", words: `${rate(perSecond)} more each second` };
  if (last.waiting === 0) return { way: "down", words: "done" };
  return { way: "down", words: `empty in about ${duration((last.waiting / -perSecond) * 1000)}` };
}

/**
 * The curve of the last minute, in a box of one by one: "0.1,0.8 0.2,0.7".
 * @param {readonly Sample[]} samples @param {number} now @param {number} span Milliseconds.
 */
export function curveOf(samples, now, span) {
  const most = samples.reduce((high, { waiting }) => Math.max(high, waiting), 1);
  return samples
    .filter(({ at }) => at > now - span)
    .map(({ at, waiting }) => `${(1 - (now - at) / span).toFixed(4)},${(1 - waiting / most).toFixed(4)}`)
    .join(" ");
}
