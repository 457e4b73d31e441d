/**
 * For maintainers: after a stage's program has changed, writes the reference solutions anew for it.
 * git merges both changes (a patch names the version that it was made for), so this works in a clone
 * that has the history.
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { createProgram } from "../../common/cli.ts";
import { ProgramError } from "../../common/errors.ts";
import { atEnd, runToEnd } from "../harness/cleanup.ts";
import { ROOT } from "../harness/programs.ts";

createProgram(
  "lab/exercises/renew_solutions.ts",
  "Writes the reference solutions of the exercises anew, for the programs as they are now.",
  "npx tsx lab/exercises/renew_solutions.ts",
).parse();

await runToEnd(async () => {
  for (const stage of [0, 1, 2, 3, 4, 5]) await renew(stage);
  return 0;
});

/** Throws ProgramError when git cannot merge the solution with the program's changes. */
async function renew(stage: number): Promise<void> {
  const name = `lab/exercises/solutions/stage_${stage}.patch`;
  const patch = join(ROOT, name);
  // A commit of the working copy. Without changes there is none: git prints nothing and exits with 1.
  const { stdout: commit } = await execa("git", ["stash", "create"], { cwd: ROOT, reject: false });
  const copy = await mkdtemp(join(tmpdir(), "iris-renew-"));
  atEnd(() => execa("git", ["worktree", "remove", "--force", copy], { cwd: ROOT }));
  await execa("git", ["worktree", "add", "--detach", copy, commit || "HEAD"], { cwd: ROOT });
  const { failed, stderr } = await execa("git", ["apply", "--3way", patch], { cwd: copy, reject: false });
  if (failed) {
    const diff = `git add -N . && git diff -U1 --full-index > ${name}`;
    const advice = `make the change by hand in a clean copy, then: ${diff}`;
    throw new ProgramError(`${name} cannot be merged (${stderr.trim().split("\n").at(-1)}): ${advice}`);
  }
  // One line of context: the less a patch quotes of the program, the less often it breaks.
  const diff = await execa("git", ["diff", "--cached", "-U1", "--full-index"], { cwd: copy });
  await writeFile(patch, `${diff.stdout}\n`);
  console.log(`${name} written`);
}
