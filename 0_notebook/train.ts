/**
 * Stage 0, as a command: the notebook's pipeline without the pictures. It trains once and saves the model
 * as common/model.json. Every later stage loads that file, and none of them trains again.
 */
import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { createProgram, wholeNumber } from "../common/cli.ts";
import { MODEL_FILE, readModel, toArgument } from "../common/model_file.ts";
import { assertWritable, writeOutput } from "../common/output_file.ts";
import { progressBar } from "../common/progress.ts";
import { readLabelledCsv } from "./labelled_csv.ts";
import { formatModelCard } from "./model_card.ts";
import { DEFAULTS, FOLDS, irisRows, trainModel } from "./pipeline.ts";

const { trees, seed, data, out } = createProgram(
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
  .addOption(
    new Option("--out <file>", "where to write the model")
      .default(MODEL_FILE, "common/model.json")
      .env("IRIS_MODEL"),
  )
  .parse()
  .opts();

assertWritable(out);
const rows = data === undefined ? irisRows() : readLabelledCsv(data);
const bar = progressBar(FOLDS + 1, "forests trained");
const model = trainModel(rows, { trees, seed }, () => bar.add(1));
bar.stop();
writeOutput(out, model);

console.log(formatModelCard(readModel(out).card));
const option = resolve(out) === MODEL_FILE ? "" : `--model ${toArgument(out)} `;
console.log(`Saved to ${toArgument(out)}. Ask it: npx tsx 1_monolith_cli/app.ts ${option}6 3 4 1`);
