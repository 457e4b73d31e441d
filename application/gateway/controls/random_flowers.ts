/** Flowers that nobody has measured, of all three species. */
import { FIELDS, type Measurements, SPECIES } from "../../../common/iris.ts";
import { sampleMeasurements } from "../../../common/samples.ts";

/** `count` of them; the species take turns, beginning with any. */
export function randomFlowers(count: number): Measurements[] {
  // All of the data set; the species take turns in it, too.
  const samples = sampleMeasurements(150);
  const bySpecies = SPECIES.map((_species, number) =>
    samples.filter((_sample, index) => index % SPECIES.length === number),
  );
  const first = Math.floor(Math.random() * SPECIES.length);
  return Array.from({ length: count }, (_, index) => {
    const flowers = bySpecies[(first + index) % SPECIES.length] ?? samples;
    return between(pick(flowers), pick(flowers));
  });
}

/** Somewhere between two flowers, in millimetres as they are measured. */
function between(one: Measurements, other: Measurements): Measurements {
  const share = Math.random();
  const lengths = FIELDS.map((field) => {
    const length = one[field] + share * (other[field] - one[field]);
    return [field, Math.round(length * 10) / 10] as const;
  });
  return Object.fromEntries(lengths) as Measurements;
}

function pick<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)] as T;
}
