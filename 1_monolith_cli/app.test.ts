import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MODEL_FILE, readModel } from "../common/model_file.ts";
import { run } from "../lab/harness/programs.ts";

const APP = "1_monolith_cli/app.ts";
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-model-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("answers one question", async () => {
  expect(await run(APP, ["6", "3", "4", "1"])).toMatchObject({
    exitCode: 0,
    stdout: "Iris type: 1 (versicolor, 96 %)\n",
    stderr: "",
  });
});

test("--json prints the answer, and nothing else", async () => {
  const { stdout } = await run(APP, ["--json", "6", "3", "4", "1"]);
  expect(JSON.parse(stdout)).toEqual({
    iris_type: 1,
    species: "versicolor",
    probabilities: { setosa: 0, versicolor: 0.96, virginica: 0.04 },
    model: readModel(MODEL_FILE).card.version,
  });
});

test("--help shows an example", async () => {
  const { exitCode, stdout } = await run(APP, ["--help"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("npx tsx 1_monolith_cli/app.ts 6 3 4 1");
});

test.each([
  [[], "Usage: app.ts <sepal length> <sepal width> <petal length> <petal width>, in cm. --help shows how."],
  [["6", "3", "4"], "petal_width"],
  [["6", "3", "4", "1", "5"], "4 numbers"],
  [["6", "3", "4", "-1"], "petal_width"],
  [["-6", "3", "4", "1"], "sepal_length"],
  [["6", "three", "4", "1"], 'sepal_width to be a number between 0 and 30 cm, got "three"'],
  [["6", "3", "31", "1"], "petal_length"],
  [["6", "3", "4", "1", "--jason"], "unknown option '--jason'"],
])("%j is one line on stderr and exit code 2", async (args, message) => {
  const { exitCode, stdout, stderr } = await run(APP, args);
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

const good = readFileSync(MODEL_FILE, "utf8");
test.each([
  ["cut off", good.slice(0, 5000), "is damaged (not JSON:"],
  ["empty", "", "is damaged (not JSON:"],
  ["another JSON", "[]", "is damaged (expected"],
  [
    "of another format",
    good.replace('"format_version": 1', '"format_version": 2'),
    "is damaged (expected format_version to be 1, got 2)",
  ],
  [
    "changed by one digit",
    good.replace('"splitValue":2.5', '"splitValue":2.6'),
    "is damaged (its content has version",
  ],
])("a model that is %s is named, with the command that makes it", async (name, text, message) => {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, text);
  const { exitCode, stdout, stderr } = await run(APP, ["6", "3", "4", "1"], { env: { IRIS_MODEL: file } });
  expect(exitCode).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain(`${name}.json`);
  expect(stderr).toContain(message);
  expect(stderr).toContain("npm run train");
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("a missing model is named, with the command that makes it", async () => {
  const file = join(folder, "missing.json");
  const { exitCode, stderr } = await run(APP, ["6", "3", "4", "1"], { env: { IRIS_MODEL: file } });
  expect(exitCode).toBe(1);
  expect(stderr).toBe(`No model at ${file}: make it with npm run train -- --out ${file}\n`);
});

test("--model goes before IRIS_MODEL, and an empty IRIS_MODEL is no value", async () => {
  const question = ["6", "3", "4", "1"];
  const env = { IRIS_MODEL: join(folder, "missing.json") };
  expect((await run(APP, ["--model", MODEL_FILE, ...question], { env })).stdout).toBe(
    "Iris type: 1 (versicolor, 96 %)\n",
  );
  expect(await run(APP, question, { env: { IRIS_MODEL: "" } })).toMatchObject({ exitCode: 0, stderr: "" });
});

test("a folder is no model", async () => {
  const { exitCode, stdout, stderr } = await run(APP, ["--model", folder, "6", "3", "4", "1"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toBe(
    `Cannot read the model ${folder} (it is a folder): name another file with --model or IRIS_MODEL\n`,
  );
});
