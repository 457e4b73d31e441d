/**
 * Which lanes are shown, where there are more partitions than there is room for.
 * @import { Lane } from "../../gateway/live/wire.ts"
 */

/**
 * Those in which something happens come first: without an owner, then with most that waits. They stand in the
 * order of their numbers.
 * @param {readonly Lane[]} lanes @param {number} most
 * @returns {{ shown: readonly Lane[], rest: number, waiting: number }} `waiting`: in the rest.
 */
export function pickLanes(lanes, most) {
  if (lanes.length <= most) return { shown: lanes, rest: 0, waiting: 0 };
  const load = (/** @type {Lane} */ { owner, waiting, current }) =>
    (owner === undefined ? 1e12 : 0) + waiting * 2 + (current ? 1 : 0);
  const ranked = [...lanes].sort((a, b) => load(b) - load(a) || a.partition - b.partition);
  const shown = ranked.slice(0, most).sort((a, b) => a.partition - b.partition);
  const rest = ranked.slice(most);
  return { shown, rest: rest.length, waiting: rest.reduce((sum, { waiting }) => sum + waiting, 0) };
}
