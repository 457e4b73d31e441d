/**
 * `npm run verify <stage>`: runs the program that you changed for a stage's exercise, and says what is right
 * and wrong.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { createProgram, seconds } from "../../common/cli.ts";
import { readVariable } from "../../common/environment.ts";
import { atEnd, isInterrupted, runToEnd } from "../harness/cleanup.ts";
import { ROOT } from "../harness/programs.ts";
import { listExercises, loadExercise, parseStage } from "./exercise_list.ts";
import { check, formatFinding } from "./report.ts";

const program = createProgram(
  "npm run verify",
  "Checks your solution of a stage's exercise: 'Check yourself' in its README. Exit code 0: solved.",
  "npm run verify 1",
)
  .argument("[stage...]", "0 to 5, or the stage's folder; without it, the exercises are listed")
  .option("--root <dir>", "another copy of the project, whose programs are run", ROOT)
  .option("--limit <s>", "seconds that a program may take for one step (default: 15)", seconds(1, 600))
  .parse();
const options = program.opts();
const root = resolve(options.root);
const modelFile = resolve(readVariable(process.env, "IRIS_MODEL") ?? join(root, "common", "model.json"));
// A machine on which even this program took long to start is given more time.
const limit = options.limit ?? Math.max(15, Math.ceil((20 * performance.now()) / 1000));

if (program.args.length === 0) console.log(await listExercises());
else await runToEnd(() => verify(parseStage(program.args)));

async function verify(stage: number): Promise<number> {
  const { exercise, openProgramUnderTest } = await loadExercise(stage);
  // For files that the shown commands name: they stay until the exercise is solved or verified again.
  const folder = join(root, ".cache", "verify", `stage_${stage}`);
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  removeFolder();
  mkdirSync(folder, { recursive: true });
  let isSolved = false;
  atEnd(async () => {
    if (isSolved || isInterrupted() || readdirSync(folder).length === 0) removeFolder();
  });

  const place = { root, folder, modelFile, limit };
  const requirements = await exercise.requirements(await openProgramUnderTest(place));
  console.log(`Stage ${stage}: ${exercise.task}`);
  let satisfied = 0;
  for (const requirement of requirements) {
    const finding = await check(requirement);
    console.log(formatFinding(finding));
    if (finding.fault === undefined) satisfied += 1;
  }
  isSolved = satisfied === requirements.length;
  console.log(`${satisfied} of ${requirements.length}: ${isSolved ? "solved" : "not there yet"}`);
  return isSolved ? 0 : 1;
}
