/** The file that stage 0 writes and every later stage reads: a model card, and the forest itself. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { readVariable } from "./environment.ts";
import { ProgramError } from "./errors.ts";
import { parseForest, type Tree } from "./forest.ts";
import { printable } from "./printable.ts";

/** The committed model, which every program loads unless it is told to load another. */
export const MODEL_FILE = fileURLToPath(new URL("./model.json", import.meta.url));

/** The model that a program without --model loads: the one that IRIS_MODEL names, else the committed one. */
export function modelFile(env: NodeJS.ProcessEnv): string {
  return readVariable(env, "IRIS_MODEL") ?? MODEL_FILE;
}

export const FORMAT_VERSION = 1;

const cardSchema = v.object({
  /** The first 12 hex digits of the SHA-256 of the file's text, with this field left empty. */
  version: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
  format_version: v.literal(FORMAT_VERSION),
  library: v.object({ name: v.string(), version: v.string() }),
  seed: v.number(),
  hyperparameters: v.object({ trees: v.number(), max_features: v.number(), replacement: v.boolean() }),
  training_data: v.object({ sha256: v.string(), rows: v.number() }),
  features: v.array(v.string()),
  classes: v.array(v.string()),
  /** Accuracies are shares of 1. The standard deviation is the one over the folds. */
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
  trees: Tree[];
}

/** The model file cannot be used. The message names the file, the fault and what to do next. */
export class ModelError extends ProgramError {}

/**
 * Writes card and forest as text: the card indented for people, the forest on one line.
 * The same input gives the same bytes, and so the same version, on every system.
 */
export function serializeModel(card: Omit<ModelCard, "version">, forest: object): string {
  const head = JSON.stringify({ version: "", ...card }, null, 2).replace(/\n}$/, "");
  const text = `${head},\n  "forest": ${JSON.stringify(forest)}\n}\n`;
  return text.replace(EMPTY_VERSION, `"version": "${versionOf(text)}"`);
}

/**
 * Reads a model file. Throws ModelError when there is none, when it has another format, and when a byte of it
 * has changed since it was written.
 */
export function readModel(file: string): Model {
  const text = readText(file);
  const parsed = v.safeParse(v.object({ ...cardSchema.entries, forest: v.unknown() }), parseJson(text, file));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? "it";
    throw damaged(file, `expected ${where} to be ${issue.expected}, got ${issue.received}`);
  }
  const { forest, ...card } = parsed.output;
  const actual = versionOf(text.replace(`"version": "${card.version}"`, EMPTY_VERSION));
  if (actual !== card.version) {
    throw damaged(file, `its content has version ${actual}, but it says ${card.version}`);
  }
  try {
    return { card, trees: parseForest(forest) };
  } catch (cause) {
    throw damaged(file, `expected a forest, but ${(cause as TypeError).message}`, cause);
  }
}

/** A path as a command line takes it: short, and in quotes where the shell needs them. */
export function toArgument(file: string): string {
  const path = shown(file);
  return /^[\w./\\:-]+$/.test(path) ? path : `"${path}"`;
}

const EMPTY_VERSION = '"version": ""';

function versionOf(textWithoutVersion: string): string {
  return createHash("sha256").update(textWithoutVersion).digest("hex").slice(0, 12);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const fix = trainCommand(file);
    if (code === "ENOENT") {
      throw new ModelError(`No model at ${shown(file)}: make it with ${fix}`, {
        kind: "no_model",
        fix,
        cause,
      });
    }
    const fault = code === "EISDIR" ? "it is a folder" : String(code);
    throw new ModelError(
      `Cannot read the model ${shown(file)} (${fault}): name another file with --model or IRIS_MODEL`,
      { kind: "unreadable_model", cause },
    );
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(file, `not JSON: ${(cause as SyntaxError).message.split("\n")[0]}`, cause);
  }
}

function damaged(file: string, fault: string, cause?: unknown): ModelError {
  const fix = trainCommand(file);
  return new ModelError(
    `The model ${shown(file)} is damaged (${printable(fault)}): make it again with ${fix}`,
    {
      kind: "damaged_model",
      fix,
      cause,
    },
  );
}

/** The command that writes this very file. */
function trainCommand(file: string): string {
  return resolve(file) === MODEL_FILE ? "npm run train" : `npm run train -- --out ${toArgument(file)}`;
}

/** A path as people read it: inside the working directory without the part that leads there. */
function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return printable(path === "" || path.startsWith("..") ? file : path);
}
