/** Copies of the project for the tests of the exercises, to be solved or broken there. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ownName } from "../../lab/harness/owner.ts";
import { type Exit, ROOT, run, type StartOptions } from "../../lab/harness/programs.ts";

export interface ProjectCopy {
  root: string;
  /**
   * Applies the reference solution of a stage. Each `[from, to]` changes the solution before: in an added
   * line, so that a test does not depend on the stage's own text.
   */
  solve(stage: number, ...changes: [from: string, to: string][]): Promise<void>;
  /** Writes text in front of a file's own, or behind it. */
  prepend(file: string, text: string): void;
  append(file: string, text: string): void;
  /** Runs `npm run verify` of this copy. */
  verify(args: string[], options?: StartOptions): Promise<Verdict>;
  /** Runs one of the copy's programs to its end. */
  run(file: string, args?: string[], options?: StartOptions): Promise<Exit>;
  /** Runs a command in the copy's folder; the result has both outputs in `all`. */
  shell(
    command: string,
    env?: Record<string, string>,
  ): Promise<{ exitCode: number | undefined; all: string }>;
  delete(): void;
}

export interface Verdict extends Exit {
  /** The claims that hold, those that do not, and those that were not checked. */
  right: string[];
  wrong: string[];
  notRun: string[];
  /** The last line. */
  verdict: string | undefined;
}

/** All files that git knows or would add, in a folder of their own, with this checkout's packages. */
export function copyProject(): ProjectCopy {
  const root = realpathSync(mkdtempSync(join(tmpdir(), `iris-${ownName("test")}`)));
  const list = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", list, { cwd: ROOT, encoding: "utf8" }).trim().split("\n");
  for (const file of files) if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(root, file));
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"), "junction");
  // git and biome must not find another repository further up.
  execFileSync("git", ["init", "--quiet"], { cwd: root });

  const runHere: ProjectCopy["run"] = (file, args, options) => run(join(root, file), args, options);
  return {
    root,
    async solve(stage, ...changes) {
      const patch = `lab/exercises/solutions/stage_${stage}.patch`;
      for (const [from, to] of changes) replaceAdded(join(root, patch), from, to);
      await execa("git", ["apply", patch], { cwd: root });
    },
    prepend(file, text) {
      writeFileSync(join(root, file), text + readFileSync(join(root, file), "utf8"));
    },
    append(file, text) {
      writeFileSync(join(root, file), text, { flag: "a" });
    },
    async verify(args, options) {
      const exit = await runHere("lab/exercises/verify.ts", args, options);
      const claims = (mark: string) =>
        exit.stdout.split("\n").flatMap((line) => (line.startsWith(`${mark} `) ? [line.slice(2)] : []));
      const verdict = exit.stdout.trimEnd().split("\n").at(-1);
      return { ...exit, right: claims("✓"), wrong: claims("✗"), notRun: claims("-"), verdict };
    },
    run: runHere,
    async shell(command, settings = {}) {
      const env = { ...settings, NO_COLOR: "1", FORCE_COLOR: undefined, npm_config_loglevel: "error" };
      const options = { cwd: root, shell: true, all: true, reject: false } as const;
      const { exitCode, all } = await execa(command, { ...options, env });
      return { exitCode, all };
    },
    delete: () => rmSync(root, { recursive: true, maxRetries: 20 }),
  };
}

/** The number of lines stays, so that the patch can still be applied. */
function replaceAdded(patch: string, from: string, to: string): void {
  const lines = readFileSync(patch, "utf8").split("\n");
  const index = lines.findIndex((line) => line.startsWith("+") && line.includes(from));
  if (index === -1) throw new Error(`${patch} adds no line with ${from}`);
  lines[index] = (lines[index] ?? "").replace(from, () => to);
  writeFileSync(patch, lines.join("\n"));
}
