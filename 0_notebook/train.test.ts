import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadClassifier } from "../common/classifier.ts";
import { MODEL_FILE, readModel } from "../common/model_file.ts";
import { run } from "../lab/harness/programs.ts";
import { irisRows } from "./pipeline.ts";

let folder: string;
const inFolder = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-train-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("training again gives the committed model, byte for byte", async () => {
  const { exitCode, stdout } = await run("0_notebook/train.ts", ["--out", inFolder("again.json")]);
  expect(exitCode).toBe(0);
  expect(readFileSync(inFolder("again.json")).equals(readFileSync(MODEL_FILE))).toBe(true);
  const { card } = readModel(MODEL_FILE);
  expect(stdout).toContain(card.version);
  expect(stdout).toMatch(/94\.7 % \+\/- \d\.\d % \(5-fold cross-validation\)/);
});

test("the model card says what the model is", () => {
  const { card } = readModel(MODEL_FILE);
  expect(card).toMatchObject({
    format_version: 1,
    library: { name: "ml-random-forest", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    seed: 42,
    hyperparameters: { trees: 100, max_features: 2, replacement: false },
    training_data: { rows: 150, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    classes: ["setosa", "versicolor", "virginica"],
  });
  expect(card.cross_validation.accuracy).toBeGreaterThanOrEqual(0.944);
  expect(card.cross_validation.accuracy).toBeLessThanOrEqual(0.957);
  expect(card.cross_validation.confusion_matrix.flat().reduce((sum, count) => sum + count, 0)).toBe(150);
});

test("the notebook's two flowers are versicolor and virginica", () => {
  const { predict } = loadClassifier();
  const first = predict({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 });
  const second = predict({ sepal_length: 5, sepal_width: 2.5, petal_length: 4.1, petal_width: 2 });
  expect([first.iris_type, second.iris_type]).toEqual([1, 2]);
  const { setosa, versicolor, virginica } = second.probabilities;
  expect(setosa + versicolor + virginica).toBeCloseTo(1, 10);
});

test("another seed, other trees and other data give another version; one tree is enough", async () => {
  const header = "species,petal_width,petal_length,sepal_width,sepal_length";
  const lines = irisRows().map(({ measurements: m, iris_type }) =>
    [
      ["setosa", "versicolor", "virginica"][iris_type],
      m.petal_width,
      m.petal_length,
      m.sepal_width,
      m.sepal_length,
    ].join(","),
  );
  // A byte-order mark, CRLF and columns in another order, as spreadsheets save them.
  writeFileSync(inFolder("own.csv"), `\uFEFF${[header, ...lines].join("\r\n")}\r\n`);
  const own = ["--data", inFolder("own.csv"), "--out", inFolder("own.json")];
  expect((await run("0_notebook/train.ts", own)).exitCode).toBe(0);
  // The same rows, so the same model: the columns' order is not part of it.
  expect(readModel(inFolder("own.json")).card.version).toBe(readModel(MODEL_FILE).card.version);

  const small = ["--trees", "1", "--seed", "7", "--out", inFolder("small.json")];
  expect((await run("0_notebook/train.ts", small)).exitCode).toBe(0);
  const { card } = loadClassifier(inFolder("small.json"));
  expect(card.hyperparameters.trees).toBe(1);
  expect(card.version).not.toBe(readModel(MODEL_FILE).card.version);
});

test("bad rows are named by their line and nothing is written", async () => {
  const rows = ["sepal_length,sepal_width,petal_length,petal_width,species", "5.1,3.5,1.4,0.2,setosa"];
  writeFileSync(
    inFolder("bad.csv"),
    [...rows, "", "5.1,3.5,x,0.2,setosa", "5.1,3.5,1.4,0.2,rose", "5.1,3.5"].join("\n"),
  );
  const out = inFolder("never.json");
  const { exitCode, stderr, stdout } = await run("0_notebook/train.ts", [
    "--data",
    inFolder("bad.csv"),
    "--out",
    out,
  ]);
  expect(exitCode).toBe(1);
  expect(stdout).toBe("");
  expect(stderr.trim().split("\n")).toEqual([
    expect.stringContaining('bad.csv:4: Expected petal_length to be a number between 0 and 30 cm, got "x"'),
    expect.stringContaining('bad.csv:5: Expected species to be setosa, versicolor, virginica, got "rose"'),
    expect.stringContaining('bad.csv:6: Expected petal_length to be a number between 0 and 30 cm, got ""'),
  ]);
  expect(existsSync(out)).toBe(false);
});

test.each([
  ["no species", "5.1,3.5,1.4,0.2\n5,3,1,1\n", /expected a header with sepal_length,.*no species/],
  [
    "too few",
    "sepal_length,sepal_width,petal_length,petal_width,species\n5,3,1,1,setosa\n",
    /at least 5 rows of setosa/,
  ],
  ["an open quote", 'sepal_length,"sepal_width', /not CSV/],
  ["nothing", "", /expected a header/],
])("a file with %s is refused in one line", async (name, text, message) => {
  const file = inFolder(`${name}.csv`);
  writeFileSync(file, text);
  const { exitCode, stderr } = await run("0_notebook/train.ts", [
    "--data",
    file,
    "--out",
    inFolder("never.json"),
  ]);
  expect(exitCode).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toMatch(message);
});

test("the last line asks the model that was trained, also where its name has a blank", async () => {
  const out = inFolder("my model.json");
  const { stdout } = await run("0_notebook/train.ts", ["--trees", "2", "--out", out]);
  const [, command] = /^Saved to .*\. Ask it: npx tsx (.*)$/m.exec(stdout) ?? [];
  expect(command).toBe(`1_monolith_cli/app.ts --model "${out}" 6 3 4 1`);
  const { stdout: answer } = await run("1_monolith_cli/app.ts", [
    "--json",
    "--model",
    out,
    "6",
    "3",
    "4",
    "1",
  ]);
  expect(JSON.parse(answer).model).toBe(readModel(out).card.version);
});

test("an output that cannot be written is found before anything is read or trained", async () => {
  for (const out of [inFolder("no_such_folder/model.json"), folder]) {
    const { exitCode, stdout, stderr } = await run("0_notebook/train.ts", [
      "--data",
      "gone.csv",
      "--out",
      out,
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^Cannot write .* \((ENOENT|it is not a file)\): choose another --out\n$/);
  }
});

test.each([
  [["--trees", "0"], 2, "'--trees <n>' argument '0' is invalid. Expected a whole number from 1 to 10000."],
  [["--seed", "x"], 2, "'--seed <n>' argument 'x' is invalid"],
  [["--data", "no_such.csv"], 1, "Cannot read no_such.csv: ENOENT"],
  [
    ["--trees", "1", "--out", "no_such_folder/model.json"],
    1,
    "Cannot write no_such_folder/model.json (ENOENT)",
  ],
])("train %j says what is wrong", async (args, code, message) => {
  const { exitCode, stderr } = await run("0_notebook/train.ts", args);
  expect(exitCode).toBe(code);
  expect(stderr).toContain(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
