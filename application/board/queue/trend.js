/**
 * Is it getting better or worse: from how many waited in the last seconds.
 * @import { Sample } from "../live/store.js"
 */
import { duration, rate } from "../parts/format.js";

const LOOK_BACK_MS = 4500;
/** What was seen for less may be chance. */
const LEAST_MS = 1900;
/** A change so many times the usual one is a jump. */
const JUMP = 3;
/** A second's change that is no trend. */
const STEADY = 0.2;
/** A shorter curve would look like a stray dash: a share of its width. */
const LEAST_CURVE = 0.1;

/** @typedef {{ way: "none" | "steady" | "up" | "down", words: string }} Trend */
/** @type {Trend} */
const NONE = { way: "none", words: "" };

/**
 * @param {readonly Sample[]} samples
 * @param {{ waiting: number, in_progress: number }} totals Of this moment.
 * @returns {Trend}
 */
export function trendOf(samples, { waiting, in_progress }) {
  const last = samples.at(-1);
  if (last === undefined) return NONE;
  const recent = samples.filter(({ at }) => at >= last.at - LOOK_BACK_MS);
  if (waiting === 0) {
    // What is begun is not done yet.
    const isDone = in_progress === 0 && recent.some((sample) => sample.waiting > 0);
    return isDone ? { way: "down", words: "done" } : NONE;
  }
  const perSecond = directionOf(recent);
  if (perSecond === undefined) return NONE;
  if (Math.abs(perSecond) < STEADY) return { way: "steady", words: "steady" };
  if (perSecond > 0) return { way: "up", words: `${rate(perSecond)} more each second` };
  return { way: "down", words: `empty in about ${duration((waiting / -perSecond) * 1000)}` };
}

/**
 * The change in a second. A burst is a jump: what follows it is what counts.
 * @param {readonly Sample[]} samples
 * @returns {number | undefined} Undefined while too little was seen, or the curve has just turned.
 */
function directionOf(samples) {
  const steps = samples.slice(1).map(({ waiting }, index) => waiting - (samples[index]?.waiting ?? waiting));
  const sizes = steps.map(Math.abs).sort((a, b) => a - b);
  const usual = sizes[Math.floor((sizes.length - 1) / 2)] ?? 0;
  const jump = steps.findLastIndex((step) => Math.abs(step) > JUMP * usual + 2);
  const first = samples[jump + 1];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < LEAST_MS) return undefined;
  const perSecond = (last.waiting - first.waiting) / ((last.at - first.at) / 1000);
  const [way, before] = steps.slice(-2).map(Math.sign);
  const hasTurned = way !== 0 && way === before && way !== Math.sign(perSecond);
  return hasTurned ? undefined : perSecond;
}

/**
 * The curve of the last minute, in a box of one by one: "0.1,0.8 0.2,0.7".
 * @param {readonly Sample[]} samples @param {number} now @param {number} span Milliseconds.
 */
export function curveOf(samples, now, span) {
  const most = samples.reduce((high, { waiting }) => Math.max(high, waiting), 1);
  const seen = samples.filter(({ at }) => at > now - span);
  if ((seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0) < LEAST_CURVE * span) return "";
  return seen
    .map(({ at, waiting }) => `${(1 - (now - at) / span).toFixed(4)},${(1 - waiting / most).toFixed(4)}`)
    .join(" ");
}
