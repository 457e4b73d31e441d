/** Stage 0's exercise: the recall of each species. It is asked of several data sets, one of them full of errors. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FIELDS, SPECIES } from "../../common/iris.ts";
import { type ModelCard, readModel } from "../../common/model_file.ts";
import { sampleMeasurements } from "../../common/samples.ts";
import type { Exercise, ProgramUnderTest } from "./program_under_test.ts";
import { pick, randomWhole, toArgs } from "./random_iris.ts";
import { assertThat, type Ran } from "./requirement.ts";

const TRAIN = "0_notebook/train.ts";
const HEADER = [...FIELDS, "species"].join(",");
const LINE = /^Recall: setosa ([\d.]+) %, versicolor ([\d.]+) %, virginica ([\d.]+) %$/m;

export const exercise: Exercise = {
  task: "train.ts prints the recall of each species",
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
        claim: "the recall of each species stands in one line, for the data set",
        check: async () => {
          const { ran, out } = await train(...fast());
          assertRecall(ran, readModel(out).card);
        },
      },
      {
        claim: "the same for a file of one's own, with other numbers of each species and with wrong labels",
        check: async () => {
          const file = join(program.folder, "irises.csv");
          writeFileSync(file, wrongLabels());
          const { ran, out } = await train("--data", file, ...fast());
          assertRecall(ran, readModel(out).card);
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

/** Of the rows that are this species, the share that was predicted to be. */
function assertRecall(ran: Ran, { cross_validation: { confusion_matrix } }: ModelCard): void {
  const recalls = confusion_matrix.map((row, irisType) => {
    const right = row[irisType] ?? 0;
    return (100 * right) / row.reduce((sum, count) => sum + count, 0);
  });
  const shares = SPECIES.map((species, irisType) => `${species} ${recalls[irisType]?.toFixed(1)} %`);
  const seen = LINE.exec(ran.stdout)?.slice(1).map(Number) ?? [];
  // Half of the last digit may be rounded up or down.
  const isRight = recalls.every((recall, irisType) => Math.abs(recall - (seen[irisType] ?? -1)) < 0.11);
  assertThat(
    isRight,
    ran,
    `Recall: ${shares.join(", ")}`,
    ran.stdout.match(/^.*recall.*$/im)?.[0] ?? "no line with Recall",
  );
}

/** A file in which rows and columns of the matrix differ: as many rows as chance will have, every fourth label wrong. */
function wrongLabels(): string {
  const flowers = sampleMeasurements(150);
  const rows = SPECIES.flatMap((species, irisType) => {
    // The species take turns.
    const ofSpecies = flowers.filter((_, number) => number % SPECIES.length === irisType);
    return ofSpecies.slice(0, randomWhole(12, 20) + irisType * 12).map((flower, index) => {
      const label = index % 4 === 3 ? pick(SPECIES) : species;
      return [...toArgs(flower), label].join(",");
    });
  });
  return `${[HEADER, ...rows].join("\n")}\n`;
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
