/** Stage 1's exercise: --top. Its answers are compared with the model's own, for irises drawn at random. */
import { formatAnswer, type Measurements, type Prediction, SPECIES } from "../../common/iris.ts";
import type { Exercise } from "./program_under_test.ts";
import { randomIris, toArgs } from "./random_iris.ts";
import { assertRefused, assertThat } from "./requirement.ts";

const APP = "1_monolith_cli/app.ts";
const EXAMPLE: Measurements = { sepal_length: 5, sepal_width: 2.5, petal_length: 4.1, petal_width: 2 };

export const exercise: Exercise = {
  task: "--top <n> prints the n likeliest species",
  requirements({ run, classifier }) {
    const assertTop = async (n: number, iris: Measurements) => {
      const ran = await run(APP, [...toArgs(iris), "--top", String(n)]);
      const expected = likeliest(classifier.predict(iris)).slice(0, n).join("\n");
      assertThat(ran.exitCode === 0 && ran.stdout.trim() === expected, ran, expected);
    };
    return [
      { claim: "--top 2 with 5 2.5 4.1 2: virginica before versicolor", check: () => assertTop(2, EXAMPLE) },
      ...SPECIES.map((species, index) => ({
        claim: `--top ${index + 1} for a flower that is likeliest ${species}`,
        check: () => assertTop(index + 1, randomIris(classifier, species, isUndecided)),
      })),
      {
        claim: "--top 0, --top 4 and --top two are refused in one line, with exit code 2",
        check: async () => {
          for (const n of ["0", "4", "two"])
            assertRefused(await run(APP, ["6", "3", "4", "1", "--top", n]), "--top");
        },
      },
      {
        claim: "as before: without --top the answer is one line, and --json one object",
        check: async () => {
          const iris = randomIris(classifier);
          const prediction = classifier.predict(iris);
          const line = formatAnswer(prediction);
          const plain = await run(APP, toArgs(iris));
          assertThat(plain.exitCode === 0 && plain.stdout === `${line}\n`, plain, line);
          const json = JSON.stringify(prediction);
          const ran = await run(APP, [...toArgs(iris), "--json"]);
          assertThat(ran.exitCode === 0 && ran.stdout === `${json}\n`, ran, json);
        },
      },
      {
        claim: "as before: a word in place of a number is refused, and its field is named",
        check: async () => {
          const ran = await run(APP, ["6", "three", "4", "1"]);
          const message = 'Expected sepal_width to be a number between 0 and 30 cm, got "three"';
          assertThat(ran.exitCode === 2 && ran.stderr.trim() === message, ran, `${message}\n(exit code 2)`);
        },
      },
    ];
  },
};

function likeliest({ probabilities }: Prediction): string[] {
  return SPECIES.toSorted((a, b) => probabilities[b] - probabilities[a]).map(
    (species) => `${species} ${Math.round(probabilities[species] * 100)} %`,
  );
}

/** No two species have the same share, so that there is one right order. */
function isUndecided({ probabilities }: Prediction): boolean {
  return new Set(Object.values(probabilities)).size === SPECIES.length;
}
