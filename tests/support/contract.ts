/** One contract over all rungs: a setosa is a setosa, and bad input is refused alike, from argv to Kafka. */
import { describe, expect, test } from "vitest";
import { loadClassifier } from "../../common/classifier.ts";
import { FIELDS, formatAnswer, type Measurements } from "../../common/iris.ts";
import { sampleMeasurements, speciesOfSample } from "../../common/samples.ts";
import type { Exit, StartOptions } from "../../lab/harness/programs.ts";

export interface Rung {
  name: string;
  /** Its answers to these flowers, as the line that every stage prints, in their order. */
  ask(flowers: readonly Measurements[]): Promise<string[]>;
  /** What it says of a bad line. */
  refuse(line: string): Promise<string>;
}

/** Four flowers of each species, and the notebook's two. */
const QUESTIONS: Measurements[] = [
  ...sampleMeasurements(12),
  { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 },
  { sepal_length: 5, sepal_width: 2.5, petal_length: 4.1, petal_width: 2 },
];
const SPECIES_OF_QUESTIONS = [
  ...sampleMeasurements(12).map((_, number) => speciesOfSample(number)),
  "versicolor",
  "virginica",
];

/** The four numbers as they are typed at a prompt. */
export function toLine(flower: Measurements): string {
  return FIELDS.map((field) => flower[field]).join(",");
}

/** A rung that is a prompt: it takes lines on its input and prints an answer for each. */
export function promptRung(name: string, run: (options: StartOptions) => Promise<Exit>): Rung {
  return {
    name,
    ask: async (questions) => {
      const { stdout } = await run({ input: questions.map((flower) => `${toLine(flower)}\n`).join("") });
      return stdout.split("\n").filter((line) => line.startsWith("Iris type:"));
    },
    refuse: async (line) => (await run({ input: `${line}\n` })).stderr,
  };
}

/** Declares the tests of the contract for these rungs. */
export function testContract(rungs: readonly Rung[]): void {
  describe.each(rungs)("$name", (rung) => {
    test("gives the answers of the model, and they are the right ones", async () => {
      const { predict } = loadClassifier();
      const predictions = QUESTIONS.map(predict);
      expect(predictions.map(({ species }) => species)).toEqual(SPECIES_OF_QUESTIONS);
      expect(await rung.ask(QUESTIONS)).toEqual(predictions.map(formatAnswer));
    });

    test.each([
      ["6,3,4", "petal_width"],
      ["6,3,-4,1", "petal_length"],
      ["0,3,4,1", "sepal_length"],
      ["6,wide,4,1", "sepal_width"],
      ["6,3,4,31", "petal_width"],
    ])("%s is refused by the name of the field", async (line, field) => {
      expect(await rung.refuse(line)).toContain(`Expected ${field} to be a number between 0 and 30 cm, got`);
    });
  });
}
