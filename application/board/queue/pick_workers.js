/**
 * Which workers are shown, where there are more than there is room for.
 * @import { WorkerState } from "../../gateway/live/wire.ts"
 */

/**
 * Those that are gone come first, the latest before others: whether anybody is missing is the question. Those
 * that are shown keep their order.
 * @param {readonly WorkerState[]} workers @param {number} most
 * @returns {{ shown: readonly WorkerState[], rest: number }}
 */
export function pickWorkers(workers, most) {
  if (workers.length <= most) return { shown: workers, rest: 0 };
  const goneAt = (/** @type {WorkerState} */ { state, gone_at = 0 }) => (state === "gone" ? gone_at + 1 : 0);
  const ranked = [...workers].sort((a, b) => goneAt(b) - goneAt(a));
  const picked = new Set(ranked.slice(0, most));
  return { shown: workers.filter((worker) => picked.has(worker)), rest: workers.length - most };
}
