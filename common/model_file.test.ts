import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { irisRows, trainForest } from "../0_notebook/pipeline.ts";
import { loadClassifier } from "./classifier.ts";
import { MODEL_FILE, ModelError, modelFile, readModel, serializeModel, toArgument } from "./model_file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "iris model "));
});
afterAll(() => rmSync(folder, { recursive: true }));

const good = readFileSync(MODEL_FILE, "utf8");

/** The error for a model file with this text. */
function errorOf(name: string, text?: string): ModelError {
  const file = join(folder, name);
  if (text !== undefined) writeFileSync(file, text);
  try {
    readModel(file);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error("It was read.");
}

test("the file that IRIS_MODEL names is the one to load; an empty variable is no value", () => {
  expect(modelFile({ IRIS_MODEL: "my_model.json" })).toBe("my_model.json");
  expect(modelFile({ IRIS_MODEL: "" })).toBe(MODEL_FILE);
  expect(modelFile({})).toBe(MODEL_FILE);
});

test("what is written can be read, and a model of another file has its own version", () => {
  const { card } = readModel(MODEL_FILE);
  const { version, ...facts } = card;
  const file = join(folder, "three.json");
  writeFileSync(file, serializeModel(facts, trainForest(irisRows(), { trees: 3, seed: 1 }).toJSON()));
  const classifier = loadClassifier(file);
  expect(classifier.trees).toHaveLength(3);
  expect(classifier.card).toEqual({ ...facts, version: expect.not.stringMatching(version) });
  expect(serializeModel(facts, JSON.parse(good).forest)).toBe(good);
});

describe("a file that is no model is refused with its fault, and with the command that makes it", () => {
  const inQuotes = (name: string) => `npm run train -- --out "${join(folder, name)}"`;

  test("there is none", () => {
    const { message, kind, fix, cause } = errorOf("gone.json");
    expect(message).toBe(`No model at ${join(folder, "gone.json")}: make it with ${inQuotes("gone.json")}`);
    expect({ kind, fix }).toEqual({ kind: "no_model", fix: inQuotes("gone.json") });
    expect(cause).toMatchObject({ code: "ENOENT" });
  });

  test.each([
    ["empty", "", "not JSON: Unexpected end of JSON input"],
    ["a list", "[]", "expected version to be"],
    ["half", good.slice(0, 5000), "not JSON: "],
    ["changed", good.replace('"seed": 42', '"seed": 43'), "its content has version "],
    ["of another format", good.replace('"format_version": 1', '"format_version": 2'), "to be 1, got 2"],
    ["with an escape code", "\u001b[2J", "not JSON: Unexpected token '\\u001b'"],
  ])("it is %s", (name, text, fault) => {
    const { message, kind, fix } = errorOf(name, text);
    expect(message).toContain(`${name} is damaged (`);
    expect(message).toContain(fault);
    expect(message.endsWith(`): make it again with ${inQuotes(name)}`)).toBe(true);
    expect({ kind, fix }).toEqual({ kind: "damaged_model", fix: inQuotes(name) });
  });

  test("its version is right, but there is no forest in it", () => {
    const { version, ...facts } = readModel(MODEL_FILE).card;
    const { message } = errorOf("no_forest.json", serializeModel(facts, { name: "RFClassifier" }));
    expect(message).toContain("is damaged (expected a forest, but baseModel: ");
    expect(version).toHaveLength(12);
  });

  test("it is a folder", () => {
    const { message, kind, fix } = errorOf("");
    expect(message).toContain("(it is a folder): name another file with --model or IRIS_MODEL");
    expect({ kind, fix }).toEqual({ kind: "unreadable_model", fix: undefined });
  });
});

test("a path is shown from the working directory, and in quotes where a shell needs them", () => {
  expect(toArgument(MODEL_FILE)).toBe(relative(process.cwd(), MODEL_FILE));
  expect(toArgument("my model.json")).toBe('"my model.json"');
});
