/** `npm run verify <stage>`: runs the program that you changed for a stage's exercise, and says what is right and wrong. */
import { resolve } from "node:path";
import pc from "picocolors";
import { createProgram, seconds, wholeNumber } from "../../common/cli.ts";
import { cleanUp, cleanUpWhenInterrupted } from "../harness/cleanup.ts";
import { ROOT } from "../harness/programs.ts";
import { type Exercise, openSubject } from "./program_under_test.ts";
import { type Requirement, Unmet } from "./requirement.ts";

const program = createProgram(
  "npm run verify",
  "Verifies your solution of a stage's exercise ('Check yourself' in its README). The exit code is 0 when all of it is right.",
  "npm run verify 1",
)
  .argument("<stage>", "0 to 5", wholeNumber(0, 5))
  .option("--root <dir>", "another copy of the project, whose programs are run", ROOT)
  .option("--limit <s>", "seconds that a program may take for one step", seconds(1, 600), 60)
  .parse();
const [stage] = program.processedArgs;
const { root, limit } = program.opts();

cleanUpWhenInterrupted();
let missing = 0;
let total = 0;
try {
  // Loaded when it is asked for: those of the last two stages want a Kafka.
  const { exercise }: { exercise: Exercise } = await import(`./stage_${stage}.ts`);
  const requirements = await exercise.requirements(await openSubject(resolve(root), limit));
  console.log(`Stage ${stage}: ${exercise.task}`);
  total = requirements.length;
  for (const requirement of requirements) missing += Number(!(await holds(requirement)));
} finally {
  await cleanUp();
}
const verdict = missing === 0 ? "solved" : "not there yet";
process.stdout.write(`${total - missing} of ${total}: ${verdict}\n`, () =>
  process.exit(missing === 0 ? 0 : 1),
);

async function holds({ claim, check }: Requirement): Promise<boolean> {
  try {
    await check();
    console.log(`${pc.green("✓")} ${claim}`);
    return true;
  } catch (error) {
    if (!(error instanceof Unmet)) throw error;
    console.log(`${pc.red("✗")} ${claim}`);
    for (const [label, text] of [
      ["asked", error.asked],
      ["seen", error.message],
      ["expected", error.expected],
    ] as const) {
      console.log(`    ${pc.dim(label.padEnd(8))} ${text.replaceAll("\n", `\n${" ".repeat(13)}`)}`);
    }
    return false;
  }
}
