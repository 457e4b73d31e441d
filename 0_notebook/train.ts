/**
 * Stage 0, as a command: the notebook's pipeline without the pictures. It trains once and saves the artifact,
 * common/model.json, which every later stage loads and none of them trains again.
 */
import { renameSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { createProgram, wholeNumber } from "../common/cli.ts";
import { ProgramError } from "../common/errors.ts";
import { MODEL_FILE, readModel } from "../common/model_file.ts";
import { readLabelledCsv } from "./labelled_csv.ts";
import { formatModelCard } from "./model_card.ts";
import { DEFAULTS, irisRows, trainModel } from "./pipeline.ts";

const options = createProgram(
  "0_notebook/train.ts",
  "Trains the iris classifier, writes the model file and prints its model card.",
  "npm run train -- --trees 50 --data my_irises.csv --out my_model.json",
)
  .option("--trees <n>", "trees in the forest", wholeNumber(1, 10_000), DEFAULTS.trees)
  .option(
    "--seed <n>",
    "the same seed gives the same file, byte for byte",
    wholeNumber(0, 2 ** 31 - 1),
    DEFAULTS.seed,
  )
  .option("--data <file.csv>", "your own rows: sepal_length,sepal_width,petal_length,petal_width,species")
  .option("--out <file>", "where to write the model", MODEL_FILE)
  .parse()
  .opts();

const rows = options.data === undefined ? irisRows() : readLabelledCsv(options.data);
const model = trainModel(rows, options);
try {
  // Written beside and renamed, so that no program ever loads half a model.
  writeFileSync(`${options.out}.tmp`, model);
  renameSync(`${options.out}.tmp`, options.out);
} catch (error) {
  throw new ProgramError(
    `Cannot write ${options.out} (${(error as NodeJS.ErrnoException).code}): choose another --out`,
  );
}

console.log(formatModelCard(readModel(options.out).card));
console.log(
  `Saved to ${relative(process.cwd(), options.out)}. Ask it: npx tsx 1_monolith_cli/app.ts 6 3 4 1`,
);
