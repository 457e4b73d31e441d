/**
 * The student's programs: each is run as a process, with a limit, and what goes wrong is told in plain words.
 */
import { join } from "node:path";
import { type Classifier, loadClassifier } from "../../common/classifier.ts";
import { endAtEnd } from "../harness/cleanup.ts";
import { temporaryFolder } from "../harness/leftovers.ts";
import { type Exit, type Program, type StartOptions, start } from "../harness/programs.ts";
import { describeCrash, takeCrash } from "./crash.ts";
import { describe, NotRun, type Ran, type Requirement, Unsatisfied } from "./requirement.ts";
import { toShell } from "./shell.ts";

export interface Exercise {
  /** What is to be done, in one line of at most 60 characters. */
  task: string;
  /** Called once; each requirement is checked in this order, also when one before it does not hold. */
  requirements(program: ProgramUnderTest): Promise<Requirement[]> | Requirement[];
}

export interface RunOptions extends StartOptions {
  /**
   * Adds to the command that is shown what else has to run, and changes what is gone by then, such as
   * a port.
   */
  explain?: (command: string) => string;
}

export interface Started {
  program: Program;
  /**
   * Waits for an event of the program. Throws Unsatisfied when it ends, crashes or stays silent before that.
   */
  until<T>(event: Promise<T>, expected: string): Promise<T>;
  stop(): Promise<void>;
}

export interface ProgramUnderTest {
  /** The model's own answers, which the program's are compared with. */
  classifier: Classifier;
  /**
   * For files that a command names; kept while there is something to fix, so that the student can run it too.
   */
  folder: string;
  /** Where the model lies that the programs load. */
  modelFile: string;
  /** Runs a program to its end. Throws Unsatisfied when it crashes or hangs, NotRun when it did before. */
  run(file: string, args?: string[], options?: RunOptions): Promise<Ran>;
  /** Starts a program that goes on until it is stopped, at the latest by cleanUp(). */
  start(file: string, args?: string[], options?: RunOptions): Started;
}

export interface Place {
  /** The copy of the project whose programs are run. */
  root: string;
  folder: string;
  modelFile: string;
  /** Seconds that a program may take for one step. */
  limit: number;
}

/** Bytes that a program may print: a hundred times what any of them has to say. */
const OUTPUT_LIMIT = 1_000_000;
const REPORTER = new URL("./crash_reporter.ts", import.meta.url).href;

/** Opens the programs of one copy of the project. Throws ProgramError when its model cannot be read. */
export async function openProgramUnderTest(place: Place): Promise<ProgramUnderTest> {
  const { root, folder, modelFile, limit } = place;
  const reports = await temporaryFolder("verify");
  /** Programs that did not end: to wait for each of them again would take minutes. */
  const hung = new Set<string>();
  let count = 0;

  function launch(file: string, args: string[], options: RunOptions) {
    if (hung.has(file)) throw new NotRun(`not run: ${file} did not end before`);
    count += 1;
    const report = join(reports, `${count}.json`);
    const env = { ...options.env, IRIS_MODEL: modelFile, IRIS_CRASH_REPORT: report };
    const guard = { preload: [REPORTER], outputLimit: OUTPUT_LIMIT, ownGroup: true };
    const program = endAtEnd(start(join(root, file), args, { ...options, ...guard, env }));
    const { explain = (command) => command } = options;
    const command = explain(toShell(root, file, args, options.input));

    const assertSound = (exit: Exit) => {
      const crash = takeCrash(report);
      if (crash !== undefined) fail(`it crashed: ${describeCrash(crash, root)}`, "no crash");
      if (exit.printedTooMuch) giveUp(`it does not stop printing\n${describe(exit)}`, "an end");
      if (exit.signal !== undefined) fail(`it was ended by ${exit.signal}`, "no crash");
    };
    const fail = (seen: string, expected: string): never => {
      throw new Unsatisfied(command, seen, expected);
    };
    const giveUp = (seen: string, expected: string): never => {
      hung.add(file);
      return fail(seen, expected);
    };
    const killHanging = async () => {
      const exit = await program.kill();
      return giveUp(`it has not ended after ${limit} s\n${describe(exit)}`, "an end");
    };
    return { program, command, assertSound, fail, giveUp, killHanging };
  }

  return {
    classifier: loadClassifier(modelFile),
    folder,
    modelFile,
    async run(file, args = [], options = {}) {
      const { program, command, assertSound, killHanging } = launch(file, args, { input: "", ...options });
      const exit = (await withinLimit(program.exited, limit)) ?? (await killHanging());
      assertSound(exit);
      return { ...exit, command };
    },
    start(file, args = [], options = {}) {
      const { program, assertSound, fail, giveUp, killHanging } = launch(file, args, options);
      return {
        program,
        async until(event, expected) {
          const ended = program.exited.then((exit) => {
            assertSound(exit);
            return fail(describe(exit), expected);
          });
          const seen = Promise.race([event.catch(() => ended), ended]).then((value) => ({ value }));
          const found = await withinLimit(seen, limit);
          if (found !== undefined) return found.value;
          const printed = program.lines.slice(-5).map(({ text }) => text);
          await program.kill();
          return giveUp([`nothing more within ${limit} s`, ...printed].join("\n"), expected);
        },
        async stop() {
          assertSound((await withinLimit(program.stop(), limit)) ?? (await killHanging()));
        },
      };
    },
  };
}

/** Undefined when the time, in seconds, is over first. */
async function withinLimit<T>(event: Promise<T>, seconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((done) => {
    timer = setTimeout(done, seconds * 1000, undefined);
  });
  return Promise.race([event, limit]).finally(() => clearTimeout(timer));
}
