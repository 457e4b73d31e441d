import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { run } from "../lab/harness/programs.ts";
import { readModel } from "./model_file.ts";

const folder = mkdtempSync(join(tmpdir(), "iris-inference-"));
afterEach(() => rmSync(folder, { recursive: true }));

test("each way to infer uses the classifier that it was given, also when its file is gone", async () => {
  const file = join(folder, "three_trees.json");
  expect(await run("0_notebook/train.ts", ["--trees", "3", "--out", file])).toMatchObject({ exitCode: 0 });
  const { version } = readModel(file).card;

  // A program of its own, since threads run TypeScript as the process that starts them does.
  const program = join(folder, "infer.mts");
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  writeFileSync(
    program,
    `import { rmSync } from "node:fs";
import { loadClassifier } from ${module("./classifier.ts")};
import { createInference } from ${module("./inference.ts")};
const file = ${JSON.stringify(file)};
const classifier = loadClassifier(file);
rmSync(file);
for (const way of [
  { inferenceTime: 0, cpuBound: false, threads: 1 },
  { inferenceTime: 0.01, cpuBound: false, threads: 1 },
  { inferenceTime: 0.01, cpuBound: true, threads: 0 },
  { inferenceTime: 0.01, cpuBound: true, threads: 1 },
]) {
  const { infer, close } = await createInference(classifier, way);
  console.log((await infer({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 })).model);
  await close();
}`,
  );
  expect(await run(program)).toMatchObject({ exitCode: 0, stderr: "", stdout: `${version}\n`.repeat(4) });
});
