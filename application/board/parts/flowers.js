/** Random flowers of all three species, with the means and deviations of the 150 that Fisher measured. */

export const FIELDS = /** @type {const} */ (["sepal_length", "sepal_width", "petal_length", "petal_width"]);
/** @typedef {Record<(typeof FIELDS)[number], number>} Flower In centimetres. */

/** In the order of FIELDS: mean and deviation. */
const KINDS = [
  [
    [5.01, 0.35],
    [3.43, 0.38],
    [1.46, 0.17],
    [0.25, 0.11],
  ],
  [
    [5.94, 0.52],
    [2.77, 0.31],
    [4.26, 0.47],
    [1.33, 0.2],
  ],
  [
    [6.59, 0.64],
    [2.97, 0.32],
    [5.55, 0.55],
    [2.03, 0.27],
  ],
];

/**
 * Each of a random species: where species take turns, as partitions do, a worker gets one of them alone.
 * @param {number} howMany @param {() => number} random
 * @returns {Flower[]}
 */
export function randomFlowers(howMany, random = Math.random) {
  return Array.from({ length: howMany }, () => {
    const kind = KINDS[Math.floor(random() * KINDS.length)] ?? [];
    const entries = FIELDS.map((field, column) => {
      const [mean = 1, deviation = 0] = kind[column] ?? [];
      return [field, Math.max(0.1, Math.round((mean + deviation * bell(random)) * 10) / 10)];
    });
    return Object.fromEntries(entries);
  });
}

/** Normally distributed, as twelve dice nearly are. @param {() => number} random */
function bell(random) {
  let sum = -6;
  for (let die = 0; die < 12; die += 1) sum += random();
  return sum;
}
