/** Runs the stages as what they are, programs: starts them, follows their lines, stops them again. */
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { type Line, type Mark, Output } from "./output.ts";
import { killGroup } from "./process_group.ts";
import { endWithThisProcess } from "./watchdog.ts";

export type { Line, Mark } from "./output.ts";
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Exit {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: string;
  stderr: string;
  /** It was killed because it printed more than `outputLimit` bytes. */
  printedTooMuch: boolean;
}

export interface Program {
  pid: number;
  /** What it has printed so far. */
  lines: Line[];
  /**
   * Resolves with the first line that matches, already printed or not; rejects when the program ends without
   * one. For a line that your action causes, and that may look like an earlier one: take mark() before the
   * action, and wait from there. For a line that tells a state, such as the partitions of a worker:
   * waitForState().
   */
  waitFor(pattern: RegExp, from?: Mark): Promise<RegExpExecArray>;
  /** The same for a line that `accept` knows; it is called once for each line. */
  waitForLine(accept: (text: string) => boolean, wanted: string, from?: Mark): Promise<Line>;
  /** Resolves when the last line of a kind is as wanted: at once, if it is already. */
  waitForState(kind: RegExp, wanted: (match: RegExpExecArray) => boolean): Promise<Line>;
  /** The present end of its output. */
  mark(): Mark;
  /** Types a line into it. */
  type(line: string): void;
  /** Ends its input. */
  endInput(): void;
  /** Asks it to end, as Ctrl-C would, and waits until it has. */
  stop(signal?: "SIGINT" | "SIGTERM" | "SIGHUP"): Promise<Exit>;
  /** Ends it on the spot, as a crash would. */
  kill(): Promise<Exit>;
  exited: Promise<Exit>;
}

export interface StartOptions {
  env?: Record<string, string>;
  /** Written to its input, which is then closed. */
  input?: string;
  onLine?: (line: Line) => void;
  /** What runs the file: this Node with tsx if not given. */
  command?: readonly [node: string, ...args: string[]];
  /** Modules that Node loads before the program. */
  preload?: string[];
  /** Bytes that it may print; then it is killed. */
  outputLimit?: number;
  /** Kills also what the program started and left running. A terminal's Ctrl-C then does not reach it. */
  ownGroup?: boolean;
}

/**
 * Starts one of the project's programs, for example start("1_monolith_cli/app.ts", ["6", "3", "4", "1"]). It
 * ends with this process, also when that is killed.
 */
export function start(file: string, args: string[] = [], options: StartOptions = {}): Program {
  const { env = {}, input, onLine, preload = [], outputLimit = Number.POSITIVE_INFINITY } = options;
  const [node, ...nodeArgs] = options.command ?? [process.execPath, "--import", "tsx"];
  const imports = preload.flatMap((module) => ["--import", module]);
  const ownGroup = options.ownGroup === true && process.platform !== "win32"; // It has no groups.
  const child = execa(node, [...nodeArgs, ...imports, file, ...args], {
    cwd: ROOT,
    // The caller's own settings must not leak in: FORCE_COLOR of a test runner, for one.
    env: { ...env, FORCE_COLOR: undefined, NO_COLOR: "1" },
    reject: false,
    stdin: "pipe",
    // Windows has no SIGTERM for processes: there the wish travels as a message.
    ipc: process.platform === "win32",
    forceKillAfterDelay: false,
    buffer: false,
    detached: ownGroup,
  });
  const killAll = () => {
    child.kill("SIGKILL");
    if (ownGroup && child.pid !== undefined) killGroup(child.pid);
  };
  // What it left running would hold its output open for ever.
  if (ownGroup) child.once("exit", killAll);
  let printed = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", ({ length }: Buffer) => {
      printed += length;
      if (printed > outputLimit) killAll();
    });
  }
  const forget = child.pid === undefined ? () => {} : endWithThisProcess(child.pid);
  const output = new Output(file);
  const exited = (async () => {
    const streams = [
      output.follow("stdout", child.stdout, onLine),
      output.follow("stderr", child.stderr, onLine),
    ];
    const [{ exitCode, signal }] = await Promise.all([child, ...streams]);
    forget();
    output.end();
    const [stdout, stderr] = [output.textOf("stdout"), output.textOf("stderr")];
    return { exitCode, signal, stdout, stderr, printedTooMuch: printed > outputLimit };
  })();

  // A program that ends early closes its input under us; its exit tells more than EPIPE would.
  child.stdin.on("error", () => {});
  if (input !== undefined) child.stdin.end(input);

  return {
    pid: child.pid ?? -1,
    lines: output.lines,
    exited,
    mark: () => output.lines.length,
    waitForLine: (accept, wanted, from) => output.waitForLine(accept, wanted, from),
    waitForState: (kind, wanted) => output.waitForState(kind, wanted),
    async waitFor(pattern, from) {
      const wanted = `that matches ${pattern}`;
      const { text } = await output.waitForLine((line) => pattern.test(line), wanted, from);
      return pattern.exec(text) as RegExpExecArray;
    },
    type: (line) => {
      child.stdin.write(`${line}\n`);
    },
    endInput: () => {
      child.stdin.end();
    },
    async stop(signal = "SIGTERM") {
      if (process.platform !== "win32") child.kill(signal);
      else await child.sendMessage?.("shutdown").catch(() => {}); // It has ended already.
      return exited;
    },
    async kill() {
      killAll();
      return exited;
    },
  };
}

/** Runs a program to its end. */
export function run(file: string, args: string[] = [], options: StartOptions = {}): Promise<Exit> {
  return start(file, args, { input: "", ...options }).exited;
}
