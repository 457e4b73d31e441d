/** The student's program under examination: it is run as a process, with a limit, and its crashes are told in plain words. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { type Classifier, loadClassifier } from "../../common/classifier.ts";
import { atEnd } from "../harness/cleanup.ts";
import { type Line, type Program, type StartOptions, start } from "../harness/programs.ts";
import { describe, type Ran, type Requirement, throwIfCrashed, Unmet } from "./requirement.ts";

export interface Exercise {
  /** What is to be done, in one line. */
  task: string;
  /** Called once; each requirement is checked in this order, also when one before it does not hold. */
  requirements(subject: Subject): Promise<Requirement[]> | Requirement[];
}

export interface Started {
  lines: Line[];
  /** Throws Unmet when the program ends, crashes or stays silent without such a line. */
  waitFor(pattern: RegExp, expected: string): Promise<RegExpExecArray>;
  stop(): Promise<void>;
}

export interface Subject {
  /** The model's own answers, which the program's are compared with. */
  classifier: Classifier;
  /** For files; deleted at the end. */
  folder: string;
  /** Where the model lies that the programs load. */
  modelFile: string;
  /** Runs a program to its end; throws Unmet when it crashes or hangs. */
  run(file: string, args?: string[], options?: StartOptions): Promise<Ran>;
  /** Starts a program that goes on until it is stopped, at the latest by cleanUp(). */
  start(file: string, args?: string[], options?: StartOptions): Started;
}

/** `root` is the copy of the project whose programs are run; none of their steps may take longer than `limit` seconds. */
export async function openSubject(root: string, limit: number): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), "iris-verify-"));
  atEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }));
  const modelFile = resolve(process.env.IRIS_MODEL || join(root, "common", "model.json"));

  function toCommand(file: string, args: string[], input = ""): string {
    const typed = input === "" ? "" : `printf '${input.replaceAll("\n", "\\n")}' | `;
    // Without the folder, which is deleted before anyone could type this.
    return `${typed}npx tsx ${[file, ...args].join(" ")}`.replaceAll(folder + sep, "");
  }

  function launch(file: string, args: string[], options: StartOptions): Program {
    const program = start(join(root, file), args, {
      ...options,
      env: { IRIS_MODEL: modelFile, ...options.env },
    });
    atEnd(() => program.kill());
    return program;
  }

  return {
    classifier: loadClassifier(modelFile),
    folder,
    modelFile,
    async run(file, args = [], options = {}) {
      const command = toCommand(file, args, options.input);
      const program = launch(file, args, { input: "", ...options });
      const exit = await withinLimit(program.exited, limit);
      if (exit === undefined) {
        const { stdout, stderr } = await program.kill();
        throw new Unmet(
          command,
          `it has not ended after ${limit} s\n${stdout}${stderr}`.trim(),
          "a program that ends",
        );
      }
      throwIfCrashed(command, exit);
      return { ...exit, command };
    },
    start(file, args = [], options = {}) {
      const command = toCommand(file, args);
      const program = launch(file, args, options);
      return {
        lines: program.lines,
        async waitFor(pattern, expected) {
          const line = program.waitFor(pattern).catch(async () => {
            const exit = await program.exited;
            throwIfCrashed(command, exit);
            throw new Unmet(command, describe(exit), expected);
          });
          const found = await withinLimit(line, limit);
          if (found !== undefined) return found;
          const printed = program.lines.slice(-5).map(({ text }) => text);
          throw new Unmet(command, [`nothing more within ${limit} s`, ...printed].join("\n"), expected);
        },
        async stop() {
          if ((await withinLimit(program.stop(), limit)) !== undefined) return;
          await program.kill();
          throw new Unmet(`${command}, then Ctrl-C`, `it has not ended after ${limit} s`, "an end");
        },
      };
    },
  };
}

async function withinLimit<T>(event: Promise<T>, seconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((done) => {
    timer = setTimeout(done, seconds * 1000, undefined);
  });
  return Promise.race([event, limit]).finally(() => clearTimeout(timer));
}
