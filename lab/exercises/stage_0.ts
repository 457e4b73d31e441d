/**
 * Stage 0's exercise: the training accuracy, for the data set and for a file from which nothing can be
 * learned.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadClassifier } from "../../common/classifier.ts";
import { FIELDS, type Measurements, SPECIES, type Species } from "../../common/iris.ts";
import { readModel } from "../../common/model_file.ts";
import { sampleMeasurements, speciesOfSample } from "../../common/samples.ts";
import type { Exercise, ProgramUnderTest } from "./program_under_test.ts";
import { pick, randomWhole, toArgs } from "./random_iris.ts";
import { assertThat, type Ran } from "./requirement.ts";

const TRAIN = "0_notebook/train.ts";
const HEADER = [...FIELDS, "species"].join(",");
const LINE = /^Training accuracy: ([\d.]+) % \((\d+) of (\d+) rows\)$/m;

type Labelled = { flower: Measurements; species: Species };

export const exercise: Exercise = {
  task: "train.ts prints the training accuracy",
  requirements(program) {
    const train = async (...args: string[]) => {
      const out = join(program.folder, "model.json");
      const ran = await program.run(TRAIN, [...args, "--out", out]);
      assertThat(ran.exitCode === 0 && existsSync(out), ran, "a trained model, and exit code 0");
      return { ran, out };
    };
    const fast = () => ["--trees", String(randomWhole(1, 4)), "--seed", String(randomWhole(0, 1e6))];
    return [
      {
        claim: "the training accuracy is printed in one line, for the data set",
        check: async () => {
          const { ran, out } = await train(...fast());
          assertTrainingAccuracy(ran, out, dataSet());
        },
      },
      {
        claim: "the same for a file with random species: the model knows its rows, and nothing else",
        check: async () => {
          const file = join(program.folder, "random.csv");
          const rows = dataSet().map(({ flower }) => ({ flower, species: pick(SPECIES) }));
          writeFileSync(file, toCsv(rows));
          const { ran, out } = await train("--data", file, ...fast());
          assertTrainingAccuracy(ran, out, rows);
        },
      },
      {
        claim:
          "as before: card, table and the last line are printed, and the same options give the same file",
        check: () => assertSameModel(program, train),
      },
      {
        claim: "as before: a bad row is named by its line, and nothing is written",
        check: async () => {
          const [file, out] = [join(program.folder, "bad.csv"), join(program.folder, "never.json")];
          writeFileSync(file, `${HEADER}\n5.1,3.5,x,0.2,setosa\n`);
          const ran = await program.run(TRAIN, ["--data", file, "--out", out]);
          const isRefused =
            ran.exitCode === 1 && ran.stdout === "" && ran.stderr.includes("bad.csv:2: Expected");
          assertThat(
            isRefused && !existsSync(out),
            ran,
            "bad.csv:2: Expected petal_length to be ..., and exit code 1",
          );
        },
      },
    ];
  },
};

/** The 150 flowers and their species. */
function dataSet(): Labelled[] {
  return sampleMeasurements(150).map((flower, number) => ({
    flower,
    species: speciesOfSample(number),
  }));
}

function toCsv(rows: readonly Labelled[]): string {
  const lines = rows.map(({ flower, species }) => [...toArgs(flower), species].join(","));
  return `${[HEADER, ...lines].join("\n")}\n`;
}

/** Of the rows that the model was trained on, the share that it answers correctly. */
function assertTrainingAccuracy(ran: Ran, modelFile: string, rows: readonly Labelled[]): void {
  const { predict } = loadClassifier(modelFile);
  const right = rows.filter(({ flower, species }) => predict(flower).species === species).length;
  const accuracy = (100 * right) / rows.length;
  const [percent = Number.NaN, seenRight, seenRows] = LINE.exec(ran.stdout)?.slice(1).map(Number) ?? [];
  // The last digit may be rounded up or down.
  const isRight = Math.abs(percent - accuracy) < 0.11 && seenRight === right && seenRows === rows.length;
  assertThat(
    isRight,
    ran,
    `Training accuracy: ${accuracy.toFixed(1)} % (${right} of ${rows.length} rows)`,
    ran.stdout.match(/^.*training accuracy.*$/im)?.[0] ?? "no line with Training accuracy",
  );
}

async function assertSameModel(
  { modelFile }: ProgramUnderTest,
  train: (...args: string[]) => Promise<{ ran: Ran; out: string }>,
): Promise<void> {
  const { card } = readModel(modelFile);
  const { ran, out } = await train(
    "--trees",
    String(card.hyperparameters.trees),
    "--seed",
    String(card.seed),
  );
  for (const part of [card.version, "Accuracy", "actual \\ predicted"]) {
    assertThat(ran.stdout.includes(part), ran, `a table with ${part}`);
  }
  assertThat(/^Saved to .*\n$/m.test(ran.stdout), ran, "Saved to ... in the last line");
  const isSame = readFileSync(out).equals(readFileSync(modelFile));
  assertThat(
    isSame,
    ran,
    `the bytes of ${modelFile} (npm run train makes it from the data set)`,
    "another model",
  );
}
