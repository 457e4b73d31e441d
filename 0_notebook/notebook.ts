/** Stage 0's notebook, from a shell: `open` it in JupyterLab, or `check` it, which executes every cell. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { execa } from "execa";
import { createProgram } from "../common/cli.ts";
import { ProgramError } from "../common/errors.ts";
import { readModel } from "../common/model_file.ts";
import {
  CACHE,
  lastLine,
  MODEL,
  prepareEnvironment,
  ROOT,
  run,
  TO_EXECUTE,
  TO_OPEN,
  TOOLS_ENV,
} from "./notebook_environment.ts";

const NAME = "0_notebook/iris_classifier.ipynb";
const NOTEBOOK = join(ROOT, NAME);
const EXECUTED = join(CACHE, "iris_classifier.ipynb");
const UPDATE = "npm run notebook:check -- --write";

interface Cell {
  cell_type: "code" | "markdown";
  metadata: { execution?: object };
  source: string | string[];
  execution_count?: number | null;
  outputs?: { output_type: string; ename?: string; evalue?: string }[];
}
interface Notebook {
  cells: Cell[];
}

const program = createProgram("0_notebook/notebook.ts", "Opens or checks the notebook.", UPDATE);
program
  .command("open")
  .description("opens the notebook in JupyterLab; further options go to JupyterLab, such as --no-browser")
  .argument("[options...]")
  .allowUnknownOption()
  .action(open);
program
  .command("check")
  .description("executes every cell, and compares model.json and the outputs with what is committed")
  .option("--write", "replace the committed notebook with the executed one (for maintainers)", false)
  .action(check);
await program.parseAsync();

async function open(options: string[]): Promise<void> {
  const python = await prepareEnvironment(TO_OPEN);
  console.log(`Opening ${NAME} in JupyterLab. Ctrl-C stops it.`);
  // JupyterLab handles Ctrl-C: it asks before it stops the kernel.
  process.on("SIGINT", () => {});
  const args = ["-m", "jupyterlab", NAME, ...options];
  const lab = await execa(python, args, { cwd: ROOT, env: TOOLS_ENV, reject: false, stdio: "inherit" });
  process.exitCode = lab.exitCode ?? 1;
}

async function check({ write }: { write: boolean }): Promise<void> {
  const python = await prepareEnvironment(TO_EXECUTE);
  const before = modelFile();
  const start = performance.now();
  await execute(python);
  const duration = (performance.now() - start) / 1000;

  const committed = readNotebook(NOTEBOOK);
  const executed = readNotebook(EXECUTED);
  for (const cell of executed.cells) delete cell.metadata.execution;
  throwIfFailed(executed);
  const after = modelFile();
  if (!after.bytes.equals(before.bytes)) {
    throw new ProgramError(
      `The notebook has changed common/model.json from version ${before.version} to ${after.version}. ` +
        "To get the committed one back: git checkout common/model.json",
    );
  }
  if (write) writeFileSync(NOTEBOOK, `${JSON.stringify(executed, null, 1)}\n`);
  else throwIfStale(committed, executed);
  console.log(`${NAME}: ${codeCells(executed).length} cells executed in ${duration.toFixed(1)} s`);
}

/** Executes a copy in .cache. A cell's error does not end the run: throwIfFailed() finds it in the copy. */
async function execute(python: string): Promise<void> {
  const limits = ["--ExecutePreprocessor.timeout=300", "--ExecutePreprocessor.startup_timeout=120"];
  const to = ["--to", "notebook", "--execute", "--allow-errors", "--output-dir", CACHE];
  const result = await run(python, ["-m", "nbconvert", ...to, ...limits, NAME]);
  if (result.failed) {
    throw new ProgramError(`${NAME} cannot be executed: ${lastLine(result)}`, { cause: result });
  }
}

function throwIfFailed(executed: Notebook): void {
  for (const [index, cell] of codeCells(executed).entries()) {
    const error = cell.outputs?.find((output) => output.output_type === "error");
    if (error === undefined) continue;
    // For a syntax error Deno also sends the lines around it.
    const [message] = `${error.ename}: ${error.evalue}`.split("\n");
    throw new ProgramError(`${place(index, cell)} failed:\n  ${message}`);
  }
}

/** Most people see the committed outputs, so they must be what the cells print today. */
function throwIfStale(committed: Notebook, executed: Notebook): void {
  const fresh = codeCells(executed);
  for (const [index, cell] of codeCells(committed).entries()) {
    if (isDeepStrictEqual(cell.outputs, fresh[index]?.outputs) && cell.execution_count != null) continue;
    const fault =
      cell.execution_count == null
        ? "was not executed before it was committed"
        : "prints something else today";
    throw new ProgramError(`${place(index, cell)} ${fault}: ${UPDATE} brings it up to date`);
  }
}

function modelFile(): { version: string; bytes: Buffer } {
  return { version: readModel(MODEL).card.version, bytes: readFileSync(MODEL) };
}

function codeCells({ cells }: Notebook): Cell[] {
  return cells.filter((cell) => cell.cell_type === "code");
}

/** How people find a cell: by Jupyter's number in brackets, and its first line. */
function place(index: number, { source }: Cell): string {
  const firstLine = [source].flat().join("").split("\n")[0];
  return `${NAME}, cell [${index + 1}] (${firstLine})`;
}

function readNotebook(file: string): Notebook {
  return JSON.parse(readFileSync(file, "utf8"));
}
