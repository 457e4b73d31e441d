/** Irises that no student's program can know beforehand. */
import type { Classifier } from "../../common/classifier.ts";
import { FIELDS, type Measurements, type Prediction, SPECIES, type Species } from "../../common/iris.ts";

/** About as the data set has them, in cm. */
const RANGES: Record<keyof Measurements, [least: number, most: number]> = {
  sepal_length: [4.3, 7.9],
  sepal_width: [2, 4.4],
  petal_length: [1, 6.9],
  petal_width: [0.1, 2.5],
};

/** A whole number from `least` to `most`. */
export function randomWhole(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}

/** One that the model takes for this species, and whose prediction `suits`. */
export function randomIris(
  { predict }: Classifier,
  species: Species = pick(SPECIES),
  suits: (prediction: Prediction) => boolean = () => true,
): Measurements {
  while (true) {
    const lengths = FIELDS.map((field) => {
      const [least, most] = RANGES[field];
      return [field, randomWhole(least * 10, most * 10) / 10];
    });
    const iris: Measurements = Object.fromEntries(lengths);
    const prediction = predict(iris);
    if (prediction.species === species && suits(prediction)) return iris;
  }
}

export function pick<T>(choices: readonly [T, ...T[]]): T {
  return choices[randomWhole(0, choices.length - 1)] ?? choices[0];
}

/** The four numbers as arguments. */
export function toArgs(iris: Measurements): string[] {
  return FIELDS.map((field) => String(iris[field]));
}

/** The four numbers as they are typed at a prompt. */
export function toLine(iris: Measurements): string {
  return toArgs(iris).join(",");
}
