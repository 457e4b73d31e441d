/** Measures what starting costs: stage 1's whole process against an empty file, loading the model, one prediction. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { irisRows } from "../../0_notebook/pipeline.ts";
import { loadClassifier } from "../../common/classifier.ts";
import { createProgram, wholeNumber } from "../../common/cli.ts";
import { ROOT } from "../harness/programs.ts";
import { median, summarize } from "./statistics.ts";

const { runs } = createProgram("lab/bench/start.ts", "Measures the cost of starting.", "npm run bench:start")
  .option("--runs <n>", "how often each is measured", wholeNumber(3, 1000), 21)
  .parse()
  .opts();

const folder = mkdtempSync(join(tmpdir(), "iris-bench-"));
const empty = join(folder, "empty.ts");
writeFileSync(empty, "");

function milliseconds(...args: string[]): number {
  const start = performance.now();
  spawnSync(process.execPath, ["--import", "tsx", ...args], { cwd: ROOT });
  return performance.now() - start;
}

// In turns, so that a slow moment of the machine falls on both alike; the first turn fills the caches.
const floor: number[] = [];
const stage1: number[] = [];
for (let run = -1; run < runs; run += 1) {
  const times = [milliseconds(empty), milliseconds("1_monolith_cli/app.ts", "6", "3", "4", "1")] as const;
  if (run === -1) continue;
  floor.push(times[0]);
  stage1.push(times[1]);
}
rmSync(folder, { recursive: true });

const loads: number[] = [];
for (let run = 0; run < runs; run += 1) {
  // A fresh process each time: a second load in the same one would find compiled code.
  const script = `import { loadClassifier } from "./common/classifier.ts";
    const start = performance.now(); loadClassifier(); console.log(performance.now() - start);`;
  const child = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: ROOT,
  });
  loads.push(Number(child.stdout.toString()));
}

const { predict } = loadClassifier();
const flowers = irisRows().map(({ measurements }) => measurements);
const predictions: number[] = [];
for (let run = 0; run < runs; run += 1) {
  const start = performance.now();
  for (const flower of flowers) predict(flower);
  predictions.push(((performance.now() - start) * 1000) / flowers.length);
}

const ratios = stage1.map((time, run) => time / (floor[run] ?? Number.NaN));
const table = new Table({ head: ["", "median (range)", "target"], style: { head: [], border: [] } });
table.push(
  ["node --import tsx, empty file (floor)", `${summarize(floor, 0)} ms`, ""],
  ["stage 1, whole process", `${summarize(stage1, 0)} ms`, ""],
  ["stage 1 / floor", summarize(ratios), `at most 1.5: ${median(ratios) <= 1.5 ? "met" : "missed"}`],
  [
    "loading model.json",
    `${summarize(loads, 1)} ms`,
    `at most 10 ms: ${median(loads) <= 10 ? "met" : "missed"}`,
  ],
  [
    "one prediction",
    `${summarize(predictions, 0)} us`,
    `at most 50 us: ${median(predictions) <= 50 ? "met" : "missed"}`,
  ],
);
console.log(`${runs} runs each, Node ${process.version}\n${table}`);
