/**
 * How the waiting tasks of a lane share its width: the oldest with their id, the next as squares, a rest.
 * @import { Block } from "../../gateway/live/wire.ts"
 */

/** So many are drawn; the gateway sends the ids of a few more. */
const MOST = 40;
/** So many of the last tasks tell how long one takes. */
const LAST = 21;

/**
 * Widths: a task with its id, a pair of squares one above the other, and "+ 960".
 * @typedef {{ chip: number, pair: number, more: number }} Sizes
 */

/**
 * @param {number} width What there is.
 * @param {number} waiting How many there are to show.
 * @param {Sizes} sizes In the same unit.
 * @returns {{ chips: number, squares: number, more: number }}
 */
export function layTrack(width, waiting, { chip, pair, more }) {
  const shown = Math.min(waiting, MOST);
  const room = width - (waiting > MOST ? more : 0);
  for (let chips = Math.max(0, Math.min(shown, Math.floor(room / chip))); chips >= 0; chips -= 1) {
    const pairs = Math.ceil((shown - chips) / 2);
    if (chips * chip + pairs * pair <= room) return { chips, squares: shown - chips, more: waiting - shown };
  }
  const squares = Math.max(0, Math.min(shown, 2 * Math.floor((width - more) / pair)));
  return { chips: 0, squares, more: waiting - squares };
}

/**
 * How long a task takes, in milliseconds: the median of the last ones. A block is full by then.
 * @param {readonly Block[]} blocks
 */
export function expectedMs(blocks) {
  const last = blocks.slice(-LAST).flatMap(({ duration_ms }) => duration_ms ?? []);
  return last.sort((a, b) => a - b)[Math.floor(last.length / 2)] ?? 1000;
}
