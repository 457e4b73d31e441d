/** The exercises, one a stage: how one is named on the command line, and the list of all. */
import { ProgramError } from "../../common/errors.ts";
import { ROOT } from "../harness/programs.ts";
import { describeCrash } from "./crash.ts";
import type { Exercise } from "./program_under_test.ts";

const FOLDERS = [
  "0_notebook",
  "1_monolith_cli",
  "2_monolith_user_input_loop",
  "3_client_server",
  "4_message_queue",
  "5_task_queue",
];

/**
 * Reads `1`, `stage 1`, `stage_1`, `1_monolith_cli/` or a path into that folder. Throws ProgramError for
 * anything else.
 */
export function parseStage(words: readonly string[]): number {
  const text = words.join(" ").trim();
  const [, number] = /^(?:stage[\s_-]*)?([0-5])$/i.exec(text) ?? [];
  if (number !== undefined) return Number(number);
  const folder = text.split(/[\\/]/).find((part) => FOLDERS.includes(part));
  if (folder !== undefined) return FOLDERS.indexOf(folder);
  const expected = "Expected the exercise to be a stage from 0 to 5, or its folder";
  throw new ProgramError(`${expected}, got "${text}": npm run verify lists them all`, { exitCode: 2 });
}

/** Loads one exercise. Throws ProgramError when a file that it shares with the programs is broken. */
export async function loadExercise(stage: number) {
  try {
    const { openProgramUnderTest } = await import("./program_under_test.ts");
    const { exercise }: { exercise: Exercise } = await import(`./stage_${stage}.ts`);
    return { exercise, openProgramUnderTest };
  } catch (error) {
    const { name, message, stack = "" } = error as Error;
    const place = describeCrash({ name, message, stack }, ROOT);
    throw new ProgramError(`A file of common/ cannot be loaded. ${place}`, { cause: error });
  }
}

/** What there is to solve, and how to have it checked. */
export async function listExercises(): Promise<string> {
  const exercises = await Promise.all(FOLDERS.map((_, stage) => loadExercise(stage)));
  const lines = exercises.map(({ exercise: { task } }, stage) => `  npm run verify ${stage}   ${task}`);
  return [
    "Each stage has one exercise: 'Check yourself' in its README.md. Change the",
    "program as it says, then run:",
    "",
    ...lines,
  ].join("\n");
}
