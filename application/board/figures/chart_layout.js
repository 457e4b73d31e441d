/**
 * The lines of a chart, in a box of one by one.
 * @import { Figures } from "../../gateway/figures/figures_schema.ts"
 * @import { Bucket, FigureKind, Read } from "./kinds.js"
 */

/** @typedef {{ name: string, pieces: string[] }} Curve A curve has gaps where nothing is known. */

/**
 * @param {FigureKind} kind @param {readonly Bucket[]} buckets @param {number} seconds Of a bucket.
 * @returns {{ top: number, curves: Curve[] }}
 */
export function layChart({ curves }, buckets, seconds) {
  const known = Object.entries(curves).map(([name, read]) => ({
    name,
    values: valuesOf(read, buckets, seconds),
  }));
  const top = roundUp(Math.max(0, ...known.flatMap(({ values }) => values.map((value) => value ?? 0))));
  return { top, curves: known.map(({ name, values }) => ({ name, pieces: pieces(values, top) })) };
}

/**
 * The last bucket is not over, so it says nothing of a second yet.
 * @param {Read} read @param {readonly Bucket[]} buckets @param {number} seconds
 */
function valuesOf(read, buckets, seconds) {
  return buckets.slice(0, -1).map((bucket) => read(bucket, seconds));
}

/** @param {readonly (number | undefined)[]} values @param {number} top */
function pieces(values, top) {
  /** @type {string[][]} */
  const found = [[]];
  for (const [index, value] of values.entries()) {
    if (value === undefined) found.push([]);
    else {
      const x = values.length < 2 ? 0 : index / (values.length - 1);
      found.at(-1)?.push(`${x.toFixed(4)},${(1 - value / top).toFixed(4)}`);
    }
  }
  // A point alone is a line of no length, which round ends make visible.
  return found
    .filter((piece) => piece.length > 0)
    .map((piece) => (piece.length > 1 ? piece : [...piece, ...piece]).join(" "));
}

/**
 * 1, 2 or 5 times a power of ten, so that the axis keeps still.
 * @param {number} value
 */
export function roundUp(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => value <= step * power * 1.000001) ?? 10) * power;
}
