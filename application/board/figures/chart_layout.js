/**
 * The lines of a chart, in a box of one by one.
 * @import { Figures } from "../../gateway/figures/figures_schema.ts"
 * @import { FigureKind } from "./kinds.js"
 */

/** @typedef {{ name: string, pieces: string[] }} Curve A curve has gaps where nothing is known. */

/**
 * The last bucket is not over, so it says nothing of a second yet: in its place stands what is so now.
 * @param {FigureKind} kind @param {Pick<Figures, "buckets" | "bucket_seconds">} figures
 * @param {Readonly<Record<string, number | undefined>>} [present] By curve.
 * @returns {{ top: number, curves: Curve[] }}
 */
export function layChart({ curves }, { buckets, bucket_seconds }, present) {
  const known = Object.entries(curves).map(([name, read]) => {
    const values = buckets.slice(0, -1).map((bucket) => read(bucket, bucket_seconds));
    return { name, values: present === undefined ? values : [...values, present[name]] };
  });
  const top = roundUp(Math.max(0, ...known.flatMap(({ values }) => values.map((value) => value ?? 0))));
  return { top, curves: known.map(({ name, values }) => ({ name, pieces: pieces(values, top) })) };
}

/**
 * A bucket has one value for all of its time, so a curve is made of steps.
 * @param {readonly (number | undefined)[]} values @param {number} top
 */
function pieces(values, top) {
  /** @type {string[][]} */
  const found = [[]];
  const xOf = (/** @type {number} */ index) => (index / values.length).toFixed(4);
  for (const [index, value] of values.entries()) {
    const y = (1 - (value ?? 0) / top).toFixed(4);
    if (value === undefined) found.push([]);
    else found.at(-1)?.push(`${xOf(index)},${y}`, `${xOf(index + 1)},${y}`);
  }
  return found.filter((piece) => piece.length > 0).map((piece) => piece.join(" "));
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
