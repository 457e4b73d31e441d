/**
 * Which marks the scatter plot has: petals are measured to the millimetre, so many flowers share a place.
 * @import { ResultJson } from "../../gateway/results/shape.ts"
 * @import { Species } from "../../../common/iris.ts"
 */

/**
 * @param {readonly ResultJson[]} results
 * @returns {{ length: number, width: number, species: Species, many: number }[]}
 */
export function spread(results) {
  /** @type {Map<string, { length: number, width: number, species: Species, many: number }>} */
  const places = new Map();
  for (const { X, species } of results) {
    if (X === undefined || species === undefined) continue;
    const [length, width] = [Math.round(X.petal_length * 10) / 10, Math.round(X.petal_width * 10) / 10];
    const key = `${species} ${length} ${width}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, { length, width, species, many: 1 });
    else known.many += 1;
  }
  return [...places.values()];
}

/**
 * Where a value lies between two others, as a share of one; what lies outside stands at the edge.
 * @param {number} value @param {number} from @param {number} to
 */
export const place = (value, from, to) => Math.min(1, Math.max(0, (value - from) / (to - from)));
