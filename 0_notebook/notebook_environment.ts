/** Installs what executes the notebook: Jupyter in its own Python environment, and Deno as its kernel. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { ProgramError } from "../common/errors.ts";

export const ROOT = fileURLToPath(new URL("../", import.meta.url));
export const CACHE = join(ROOT, ".cache", "notebook");
export const MODEL = join(ROOT, "common", "model.json");

/**
 * npx fetches Deno, so that the stages do not depend on its 95 MB. Not newer than this: since 2.8.2 the
 * kernel often says `idle` before it sends a cell's result, and Jupyter then drops the result
 * (https://github.com/denoland/deno/pull/34083).
 */
const DENO = "deno@2.8.1";
/** The Python of macOS's developer tools, and the newest packages that run on it. */
const OLDEST_PYTHON = [3, 9] as const;
export const TO_EXECUTE = ["nbconvert==7.17.2", "nbclient==0.10.2", "ipykernel==6.31.0"];
export const TO_OPEN = [...TO_EXECUTE, "jupyterlab==4.5.11"];

const ON_WINDOWS = process.platform === "win32";
const VENV = join(CACHE, "venv");
const VENV_PYTHON = ON_WINDOWS ? join(VENV, "Scripts", "python.exe") : join(VENV, "bin", "python");
const KERNEL = join(VENV, "share", "jupyter", "kernels", "deno", "kernel.json");
/** Lists the installed requirements. It is written last, so an environment that has it is complete. */
const INSTALLED = join(VENV, "installed.json");

/** Jupyter's and Deno's own files stay in .cache, away from the user's home. */
export const TOOLS_ENV = {
  JUPYTER_CONFIG_DIR: join(CACHE, "jupyter", "config"),
  JUPYTER_DATA_DIR: join(CACHE, "jupyter", "data"),
  JUPYTER_RUNTIME_DIR: join(CACHE, "jupyter", "runtime"),
  IPYTHONDIR: join(CACHE, "jupyter", "ipython"),
  DENO_DIR: join(CACHE, "deno"),
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
  PIP_USER: "0",
};

/** Makes the environment if it is not there yet. Returns its Python. */
export async function prepareEnvironment(requirements: readonly string[]): Promise<string> {
  const installed = existsSync(VENV_PYTHON) && existsSync(INSTALLED) ? readJson(INSTALLED) : [];
  if (!requirements.every((requirement) => installed.includes(requirement))) {
    await makeVenv(requirements);
  }
  await installKernel();
  return VENV_PYTHON;
}

async function makeVenv(requirements: readonly string[]): Promise<void> {
  const [command, ...args] = await findPython();
  console.log("Making a Python environment in .cache/notebook (once, about a minute)...");
  rmSync(VENV, { recursive: true, force: true });
  const venv = await run(command, [...args, "-m", "venv", VENV]);
  if (venv.failed) {
    const advice = "its venv module may be missing: on Debian and Ubuntu, sudo apt install python3-venv";
    throw new ProgramError(`Python cannot make an environment (${lastLine(venv)}); ${advice}`, {
      cause: venv,
    });
  }
  const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
  const install = await run(VENV_PYTHON, [...pip, ...requirements]);
  if (install.failed) {
    throw new ProgramError(`pip cannot install ${requirements.join(" ")}: ${lastLine(install)}`, {
      cause: install,
    });
  }
  writeFileSync(INSTALLED, JSON.stringify(requirements));
}

/** The command that starts a Python that is new enough; Windows has `py`, and often no `python3`. */
async function findPython(): Promise<[string, ...string[]]> {
  const candidates: [string, ...string[]][] = ON_WINDOWS
    ? [["py", "-3"], ["python"], ["python3"]]
    : [["python3"], ["python"]];
  let found = "none";
  for (const [command, ...args] of candidates) {
    const { failed, stdout } = await run(command, [
      ...args,
      "-c",
      "import sys; print('%d.%d' % sys.version_info[:2])",
    ]);
    if (failed) continue;
    const [major = 0, minor = 0] = stdout.split(".").map(Number);
    if (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]) return [command, ...args];
    found = stdout;
  }
  throw new ProgramError(
    `Jupyter needs Python ${OLDEST_PYTHON.join(".")} or newer, found ${found}: get it from ` +
      "https://www.python.org/downloads/ (macOS: brew install python; Ubuntu: sudo apt install python3-venv)",
  );
}

/** Adds the kernel to this environment only: `deno jupyter --install` would write to the user's home. */
async function installKernel(): Promise<void> {
  if (existsSync(KERNEL)) {
    const { argv, metadata } = JSON.parse(readFileSync(KERNEL, "utf8"));
    // npm may have emptied npx's folder in the meantime.
    if (metadata.version === DENO && existsSync(argv[0])) return;
  }
  console.log(`Fetching ${DENO}, the notebook's kernel, with npx (once)...`);
  const deno = await run("npx", ["--yes", DENO, "eval", "console.log(Deno.execPath())"]);
  if (deno.failed) {
    const reason = deno.stderr.split("\n").find((line) => line.startsWith("npm error")) ?? lastLine(deno);
    throw new ProgramError(`npx cannot fetch ${DENO}, is there a network? (${reason})`, { cause: deno });
  }
  mkdirSync(join(KERNEL, ".."), { recursive: true });
  const kernel = {
    // The program itself, not npx: Jupyter's signals must reach it.
    argv: [deno.stdout.trim(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
    metadata: { version: DENO },
  };
  writeFileSync(KERNEL, JSON.stringify(kernel, null, 2));
}

/** Runs a program in the repository; a failure is a result, not an exception. */
export function run(command: string, args: readonly string[]) {
  return execa(command, args, { cwd: ROOT, env: TOOLS_ENV, reject: false, stdin: "ignore" });
}

/** The last line of a failed program: there Python and npm name the cause. */
export function lastLine(result: { stderr: string; shortMessage?: string | undefined }): string {
  return result.stderr.trim().split("\n").at(-1) || (result.shortMessage ?? "it said nothing");
}

function readJson(file: string): string[] {
  return JSON.parse(readFileSync(file, "utf8"));
}
