/** The artifact that stage 0 writes and every later stage reads: a model card, and the forest itself. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { ProgramError } from "./errors.ts";

/** IRIS_MODEL names another artifact, for example one that was trained with --out. */
export const MODEL_FILE = process.env.IRIS_MODEL ?? fileURLToPath(new URL("./model.json", import.meta.url));
export const FORMAT_VERSION = 1;

const cardSchema = v.object({
  /** The first 12 hex digits of the SHA-256 of the file's text, this field left empty. */
  version: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
  format_version: v.literal(FORMAT_VERSION),
  library: v.object({ name: v.string(), version: v.string() }),
  seed: v.number(),
  hyperparameters: v.object({ trees: v.number(), max_features: v.number(), replacement: v.boolean() }),
  training_data: v.object({ sha256: v.string(), rows: v.number() }),
  features: v.array(v.string()),
  classes: v.array(v.string()),
  /** Accuracies are shares of 1; the spread is the standard deviation over the folds. */
  cross_validation: v.object({
    folds: v.number(),
    accuracy: v.number(),
    standard_deviation: v.number(),
    /** Rows: actual species; columns: predicted. */
    confusion_matrix: v.array(v.array(v.number())),
  }),
});
export type ModelCard = v.InferOutput<typeof cardSchema>;

/** What a model file holds. */
export interface Model {
  card: ModelCard;
  /** The trees, as ml-random-forest writes them. */
  forest: object;
}

/** The model file is missing or damaged. The message names the file, the fault and the command that mends it. */
export class ModelError extends ProgramError {}

/**
 * Writes card and forest as text, the card indented for people, the forest on one line.
 * The same input gives the same bytes, and so the same version, on every system.
 */
export function serializeModel(card: Omit<ModelCard, "version">, forest: object): string {
  const head = JSON.stringify({ version: "", ...card }, null, 2).replace(/\n}$/, "");
  const text = `${head},\n  "forest": ${JSON.stringify(forest)}\n}\n`;
  return text.replace(EMPTY_VERSION, `"version": "${versionOf(text)}"`);
}

/** Reads a model file, and checks its format and that no byte of it has changed since it was written. */
export function readModel(file: string): Model {
  const text = readText(file);
  const card = v.safeParse(
    v.looseObject({ ...cardSchema.entries, forest: v.looseObject({}) }),
    parseJson(text, file),
  );
  if (!card.success) {
    const [issue] = card.issues;
    throw damaged(
      file,
      `expected ${v.getDotPath(issue) ?? "it"} to be ${issue.expected}, got ${issue.received}`,
    );
  }
  const { forest, ...rest } = card.output;
  const { version } = rest;
  const actual = versionOf(text.replace(`"version": "${version}"`, EMPTY_VERSION));
  if (actual !== version) throw damaged(file, `its content has version ${actual}, but it says ${version}`);
  return { card: rest, forest };
}

const EMPTY_VERSION = '"version": ""';

function versionOf(textWithoutVersion: string): string {
  return createHash("sha256").update(textWithoutVersion).digest("hex").slice(0, 12);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new ModelError(`No model at ${shown(file)}: make it with npm run train`);
    throw new ModelError(`Cannot read the model ${shown(file)} (${code}): make it again with npm run train`);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(file, `not JSON: ${(error as SyntaxError).message.split("\n")[0]}`);
  }
}

function damaged(file: string, fault: string): ModelError {
  return new ModelError(`The model ${shown(file)} is damaged (${fault}): make it again with npm run train`);
}

function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}
