/** Copies of the project for the tests of `npm run verify`, to be solved or broken there. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ROOT, run, type StartOptions } from "../../lab/harness/programs.ts";

const FOLDERS = [
  "0_notebook",
  "1_monolith_cli",
  "2_monolith_user_input_loop",
  "3_client_server",
  "4_message_queue",
  "5_task_queue",
  "common",
];
const FILES = ["package.json", "tsconfig.json", "biome.json", ".gitignore"];

export interface ProjectCopy {
  root: string;
  /** Applies the reference solution of a stage. */
  solve(stage: number): Promise<void>;
  /** Changes a file; throws when there is no `from` in it. */
  change(file: string, from: string, to: string): void;
  /** Runs `npm run verify` on this copy. */
  verify(stage: number, args?: string[], options?: StartOptions): Promise<Verdict>;
  delete(): void;
}

export interface Verdict {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  /** The claims that hold, and those that do not. */
  right: string[];
  wrong: string[];
  /** The last line. */
  verdict: string | undefined;
}

/** The programs without their tests, in a folder of their own, with this checkout's packages. */
export function copyProject(): ProjectCopy {
  const root = mkdtempSync(join(tmpdir(), "iris-copy-"));
  for (const folder of FOLDERS) {
    const filter = (file: string) => !/\.test\.ts$|\.db(-\w+)?$|\.tmp$/.test(file);
    cpSync(join(ROOT, folder), join(root, folder), { recursive: true, filter });
  }
  for (const file of FILES) cpSync(join(ROOT, file), join(root, file));
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"), "junction");
  // biome asks git what to ignore, and must not find another repository further up.
  mkdirSync(join(root, ".git"));

  return {
    root,
    async solve(stage) {
      const patch = join(ROOT, "lab", "exercises", "solutions", `stage_${stage}.patch`);
      await execa("git", ["apply", patch], { cwd: root });
    },
    change(file, from, to) {
      const text = readFileSync(join(root, file), "utf8");
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      writeFileSync(
        join(root, file),
        text.replace(from, () => to),
      );
    },
    async verify(stage, args = [], options = {}) {
      const ran = await run("lab/exercises/verify.ts", [String(stage), "--root", root, ...args], options);
      const claims = (mark: string) =>
        ran.stdout.split("\n").flatMap((line) => (line.startsWith(`${mark} `) ? [line.slice(2)] : []));
      const { exitCode, stdout, stderr } = ran;
      const verdict = stdout.trimEnd().split("\n").at(-1);
      return { exitCode, stdout, stderr, right: claims("✓"), wrong: claims("✗"), verdict };
    },
    delete: () => rmSync(root, { recursive: true }),
  };
}
