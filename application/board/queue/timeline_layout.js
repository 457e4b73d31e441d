/**
 * Who worked when, in the last minute: as the terminal draws it, in pixels.
 * @import { Block, QueueState } from "../../gateway/live/wire.ts"
 * @import { Rebalance } from "../../gateway/queue/queue_watch.ts"
 */
import { duration, listed, shown } from "../parts/format.js";

export const SPAN_MS = 60_000;
/** However short a task is, it is seen. */
const THINNEST = 1;
/** Two workers of one rebalance have room in the picture, and how many others there are. */
const MOST_PARTS = 3;

/**
 * @typedef {{ x: number, width: number, outcome: Block["outcome"] | "running", id: string }} Rect
 * @typedef {{ name: string, rects: Rect[] }} Row
 * @typedef {object} Line A rebalance, from its begin to its end.
 * @property {number} x
 * @property {number} until
 * @property {string} words
 * @property {string} short The words where there is no room for all of them.
 */

/**
 * The workers that are there or have worked in the last minute, in the order of their names. Where there is
 * no room for all, those that are gone come first, and then those that are there.
 * @param {readonly Block[]} blocks @param {QueueState} queue
 * @param {number} now @param {number} most Rows.
 * @returns {{ names: string[], rest: number }} `rest`: how many have no row.
 */
export function rowNames(blocks, { workers }, now, most) {
  const latest = [...workers].sort((a, b) => (b.gone_at ?? 0) - (a.gone_at ?? 0));
  const gone = latest.filter(({ state }) => state === "gone");
  const names = new Set([...gone, ...workers].map(({ name }) => name));
  for (const { worker, ended_at } of blocks) {
    if (worker !== undefined && ended_at > now - SPAN_MS) names.add(worker);
  }
  // The last row says how many more there are.
  const picked = [...names].slice(0, names.size > most ? most - 1 : most);
  picked.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return { names: picked, rest: names.size - picked.length };
}

/**
 * @param {readonly string[]} names @param {readonly Block[]} blocks @param {QueueState} queue
 * @param {number} now @param {number} width
 * @returns {Row[]}
 */
export function layRows(names, blocks, queue, now, width) {
  const rows = names.map((name) => ({ name, rects: /** @type {Rect[]} */ ([]), reach: -1 }));
  const rowOf = new Map(rows.map((row) => [row.name, row]));
  /**
   * @param {Pick<Rect, "outcome" | "id">} task @param {string | undefined} worker
   * @param {number} from @param {number} to
   */
  const add = ({ outcome, id }, worker, from, to) => {
    const row = rowOf.get(worker ?? "");
    const x = Math.max(0, place(from, now, width));
    const end = Math.max(x + THINNEST, place(to, now, width));
    // A task that would lie within the pixel of the one before changes nothing that is seen.
    if (row === undefined || end <= Math.max(0, row.reach + 0.5)) return;
    row.rects.push({ x, width: end - x, outcome, id });
    row.reach = end;
  };
  for (const block of blocks) {
    const { worker, started_at, duration_ms = 0, ended_at } = block;
    add(
      block,
      worker,
      started_at ?? ended_at,
      started_at === undefined ? ended_at : started_at + duration_ms,
    );
  }
  for (const { current } of queue.lanes) {
    if (current === undefined) continue;
    add({ outcome: "running", id: current.id }, current.worker, current.since, now);
  }
  return rows.map(({ name, rects }) => ({ name, rects }));
}

/**
 * @param {readonly Rebalance[]} rebalances @param {number} now @param {number} width
 * @returns {Line[]}
 */
export function layLines(rebalances, now, width) {
  return rebalances
    .filter(({ at }) => at > now - SPAN_MS)
    .map((rebalance) => ({
      x: place(rebalance.at, now, width),
      until: place(rebalance.ended_at ?? now, now, width),
      words: inWords(rebalance, now),
      short: shown(shorten(rebalance.cause, 2)),
    }));
}

/**
 * "worker-2 is gone: partitions 1, 4, 7, 10 waited 6.1 s".
 * @param {Rebalance} rebalance @param {number} now
 */
export function inWords({ at, ended_at, cause, partitions }, now) {
  const took = (ended_at ?? now) - at;
  const why = shown(shorten(cause, MOST_PARTS));
  if (partitions.length === 0 || (ended_at !== undefined && took < 100)) return why;
  const wait = ended_at !== undefined ? "waited" : partitions.length === 1 ? "waits" : "wait";
  return `${why}: ${listed(partitions)} ${wait} ${duration(took)}`;
}

/**
 * Of many who have come or gone at once some are named, before others those that are gone.
 * @param {string} cause @param {number} most Parts that it has at most; of more, the last counts the others.
 */
function shorten(cause, most) {
  const parts = cause.split(", ");
  if (parts.length <= most) return cause;
  const isGone = (/** @type {string} */ part) => Number(/ (is gone|was killed|has left)$/.test(part));
  const named = parts.sort((a, b) => isGone(b) - isGone(a)).slice(0, most - 1);
  return `${named.join(", ")} and ${parts.length - named.length} more`;
}

/**
 * Where the words of the lines go: to the right of their line, or to its left where they would leave the
 * picture; in the first row that has room. Who kept others waiting longest comes first; what has no room is
 * in the table alone.
 * @param {readonly Line[]} lines @param {(words: string) => number} measure
 * @param {number} width @param {number} rows
 * @returns {{ x: number, row: number, words: string, wide: number, line: number }[]} `line`: its place.
 */
export function placeWords(lines, measure, width, rows) {
  /** @type {ReturnType<typeof placeWords>} */
  const placed = [];
  for (const { x: line, ...given } of [...lines].sort((a, b) => b.until - b.x - (a.until - a.x))) {
    const words = measure(given.words) <= width ? given.words : cut(given.short, measure, width);
    const wide = measure(words);
    const x = line + 4 + wide <= width ? line + 4 : Math.max(0, line - 4 - wide);
    const isFree = (/** @type {number} */ row) =>
      !placed.some((other) => other.row === row && x < other.x + other.wide + 12 && other.x < x + wide + 12);
    const row = Array.from({ length: rows }, (_, index) => index).find(isFree);
    if (row !== undefined) placed.push({ x, row, words, wide, line });
  }
  return placed;
}

/** @param {string} words @param {(words: string) => number} measure @param {number} width */
function cut(words, measure, width) {
  let kept = words;
  while (kept.length > 1 && measure(kept) > width) kept = `${kept.replace(/…$/, "").slice(0, -1)}…`;
  return kept;
}

/** @param {number} time @param {number} now @param {number} width */
function place(time, now, width) {
  return (1 - (now - time) / SPAN_MS) * width;
}
