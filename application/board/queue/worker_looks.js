/**
 * A worker is told by its name, its shape and its pattern; tones are greys that lean to a colour, so that the
 * species keep theirs.
 */

/** Drawn in a box from 0 to 16. */
const SHAPES = [
  "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13z",
  "M8 .5 15.5 8 8 15.5 .5 8z",
  "M8 1.5 15.5 14.5H.5z",
  "M2 2h12v12H2z",
  "M5.5 1h5v4.5H15v5h-4.5V15h-5v-4.5H1v-5h4.5z",
  "M4.5 1.5h7L15.5 8l-4 6.5h-7L.5 8z",
  "M8 .5 10.2 5.5 15.5 6 11.5 9.6 12.7 15 8 12.1 3.3 15 4.5 9.6 .5 6 5.8 5.5z",
  "M.5 2.5h15L8 15z",
];

/** Those of workers.css. 7 and 8 have no divisor in common, so 56 workers look different. */
const PATTERNS = 7;
const LOOKS = SHAPES.length * PATTERNS;

/** @param {number} look */
export const shapeOf = (look) => SHAPES[look % SHAPES.length] ?? "";
/** @param {number} look */
export const patternOf = (look) => look % PATTERNS;

/**
 * The number of the look of each worker. Names end in numbers, which choose (worker-1 is a disc in every
 * browser); if two want the same, the later in the alphabet takes the next that is free.
 * @param {readonly string[]} names
 * @param {ReadonlyMap<string, number>} before Looks stay while a worker is there.
 * @returns {Map<string, number>}
 */
export function assignLooks(names, before = new Map()) {
  /** @type {Map<string, number>} */
  const looks = new Map();
  const taken = new Set();
  const known = names.filter((name) => before.has(name));
  const others = names.filter((name) => !before.has(name)).sort();
  for (const name of [...known, ...others]) {
    let look = before.get(name) ?? wanted(name);
    if (!before.has(name) && taken.size < LOOKS) {
      while (taken.has(look)) look = (look + 1) % LOOKS;
    }
    taken.add(look);
    looks.set(name, look);
  }
  return looks;
}

/** @param {string} name */
function wanted(name) {
  const number = /(\d+)$/.exec(name)?.[1];
  if (number !== undefined) return (Number(number) + LOOKS - 1) % LOOKS;
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum % LOOKS;
}
