/**
 * What the board knows, as a pure function of the events: the shared worker and each tab count alike.
 * @import { Block, Change, LiveState, QueueState } from "../../gateway/live/wire.ts"
 */

/** A little more than the time line shows, so that no block ends in view. */
export const KEEP_MS = 65_000;
const MOST_BLOCKS = 4000;
const SAMPLE_MS = 1000;
/** A clock that differs by less is taken for ours: the rest is the way of the message. */
const SAME_CLOCK_MS = 2000;

/**
 * @typedef {{ name: "link", link: Link }
 *   | { name: "state" | "resync", data: LiveState }
 *   | { name: "changes", data: { changes: Change[] } }
 *   | { name: "queue", data: QueueState }} LiveEvent
 * @typedef {"connecting" | "live" | "lost"} Link
 * @typedef {{ at: number, waiting: number }} Sample
 *
 * @typedef {object} Board
 * @property {Link} link
 * @property {number} linkSince
 * @property {QueueState | undefined} queue
 * @property {readonly Block[]} timeline Finished tasks of the last minute, in the order in which they came.
 * @property {readonly Sample[]} samples How many waited, a sample a second, of the last minute.
 * @property {number} skew Our clock less the gateway's, in milliseconds.
 */

/** @type {Board} */
export const EMPTY = {
  link: "connecting",
  linkSince: 0,
  queue: undefined,
  timeline: [],
  samples: [],
  skew: 0,
};

/**
 * @param {Board} board @param {LiveEvent} event
 * @param {number} now By our clock.
 * @returns {Board}
 */
export function reduce(board, event, now) {
  switch (event.name) {
    case "link":
      return event.link === board.link ? board : { ...board, link: event.link, linkSince: now };
    case "state":
    case "resync": {
      const { queue, timeline } = event.data;
      return withQueue({ ...board, timeline, samples: board.samples }, queue, now);
    }
    case "queue":
      return withQueue(board, event.data, now);
    case "changes": {
      const ended = event.data.changes.filter((change) => change.kind === "ended");
      if (ended.length === 0) return board;
      const oldest = now - board.skew - KEEP_MS;
      const timeline = [...board.timeline.filter(({ ended_at }) => ended_at > oldest), ...ended];
      return { ...board, timeline: timeline.slice(-MOST_BLOCKS) };
    }
  }
}

/**
 * @param {Board} board @param {QueueState} queue @param {number} now
 * @returns {Board}
 */
function withQueue(board, queue, now) {
  const next = { ...board, queue, skew: skewOf(board, queue, now) };
  const last = board.samples.at(-1);
  if (last !== undefined && queue.as_of - last.at < SAMPLE_MS) return next;
  const samples = board.samples.filter(({ at }) => at > queue.as_of - KEEP_MS && at < queue.as_of);
  return { ...next, samples: [...samples, { at: queue.as_of, waiting: queue.totals.waiting }] };
}

/**
 * A message is on its way for some time, so the smallest difference is the truest.
 * @param {Board} board @param {QueueState} queue @param {number} now
 */
function skewOf({ queue: before, skew }, { as_of, kafka }, now) {
  if (kafka === "away" || as_of === 0) return skew;
  const seen = now - as_of;
  if (Math.abs(seen) < SAME_CLOCK_MS) return 0;
  return before === undefined ? seen : Math.min(skew === 0 ? seen : skew, seen);
}
