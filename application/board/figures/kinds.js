/**
 * Which figures there are, and how each is read from what the gateway tells.
 * @import { Figures } from "../../gateway/figures/figures_schema.ts"
 */
import { count, duration, rate } from "../parts/format.js";

/**
 * @typedef {Figures["buckets"][number]} Bucket
 * @typedef {(bucket: Bucket, seconds: number) => number | undefined} Read Undefined where nothing is known.
 *
 * @typedef {object} FigureKind
 * @property {keyof Figures["sources"]} of Under which the gateway tells where it comes from.
 * @property {string} title
 * @property {(figures: Figures) => string} now
 * @property {string} [period] Of what time `now` speaks, where it is not this moment.
 * @property {(value: number) => string} write A value of a curve.
 * @property {Record<string, Read>} curves
 * @property {(figures: Figures) => Record<string, number | undefined>} [present] What the curves are at now,
 *   where `now` speaks of it: the picture says the same as the headline.
 */

/** @param {number} seconds */
const span = (seconds) => (seconds < 0.0995 ? `${Math.round(seconds * 1000)} ms` : duration(seconds * 1000));
/** @param {{ p50: number, p95: number } | undefined} spread */
const both = (spread) => (spread ? `${span(spread.p50)}, p95 ${span(spread.p95)}` : "none yet");

/**
 * @param {"accepted" | "answered" | "stored"} name
 * @returns {Read}
 */
const perSecond = (name) => (bucket, seconds) => {
  const many = bucket[name];
  return many === undefined ? undefined : many / seconds;
};

/** @type {readonly FigureKind[]} */
export const KINDS = [
  {
    of: "answered",
    title: "accepted, answered, stored",
    now: ({ per_second }) => `${rate(per_second.answered ?? 0)} a second`,
    write: (value) => `${rate(value)}/s`,
    curves: {
      accepted: perSecond("accepted"),
      answered: perSecond("answered"),
      stored: perSecond("stored"),
    },
    present: ({ per_second }) => per_second,
  },
  {
    of: "waiting",
    title: "waiting",
    now: ({ waiting }) => count(waiting),
    write: count,
    curves: { waiting: ({ waiting }) => waiting },
    present: ({ waiting }) => ({ waiting }),
  },
  {
    of: "oldest_seconds",
    title: "age of the oldest",
    now: ({ oldest_seconds }) => (oldest_seconds === undefined ? "none waits" : span(oldest_seconds)),
    write: span,
    curves: { oldest: ({ oldest_seconds }) => oldest_seconds },
    present: ({ oldest_seconds = 0 }) => ({ oldest: oldest_seconds }),
  },
  {
    of: "waited",
    title: "time waiting, p50 and p95",
    now: ({ waited }) => both(waited),
    period: "in 10 min",
    write: span,
    curves: { p50: ({ waited }) => waited?.p50, p95: ({ waited }) => waited?.p95 },
  },
  {
    of: "worked",
    title: "time working, p50 and p95",
    now: ({ worked }) => both(worked),
    period: "in 10 min",
    write: span,
    curves: { p50: ({ worked }) => worked?.p50, p95: ({ worked }) => worked?.p95 },
  },
  {
    of: "dead_letters",
    title: "dead letters, failed, cancelled",
    now: ({ totals }) => [totals.dead_letters, totals.failed, totals.cancelled].map(count).join(", "),
    period: "since the log began",
    write: count,
    curves: {
      "dead letters": ({ dead_letters }) => dead_letters,
      failed: ({ failed }) => failed,
      cancelled: ({ cancelled }) => cancelled,
    },
  },
];
