/** Runs the stages as what they are, programs: starts them, follows their lines, stops them again. */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Line {
  from: "stdout" | "stderr";
  text: string;
  /** Milliseconds on the clock of performance.now(). */
  at: number;
}

export interface Exit {
  exitCode: number | undefined;
  signal: string | undefined;
  stdout: string;
  stderr: string;
}

export interface Program {
  pid: number;
  /** What it has printed so far. */
  lines: Line[];
  /** Resolves with the first line that matches, past or future; rejects when the program ends without one. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same for a line that `accept` knows. */
  waitForLine(accept: (text: string) => boolean, wanted: string): Promise<Line>;
  /** Types a line into it. */
  type(line: string): void;
  /** Ends its input. */
  endInput(): void;
  /** Asks it to end, as Ctrl-C would, and waits until it has. */
  stop(signal?: "SIGINT" | "SIGTERM"): Promise<Exit>;
  /** Ends it on the spot, as a crash would. */
  kill(): Promise<Exit>;
  exited: Promise<Exit>;
}

export interface StartOptions {
  env?: Record<string, string>;
  /** Written to its input, which is then closed. */
  input?: string;
  onLine?: (line: Line) => void;
}

/** Starts one of the project's programs, for example start("1_monolith_cli/app.ts", ["6", "3", "4", "1"]). */
export function start(
  file: string,
  args: string[] = [],
  { env = {}, input, onLine }: StartOptions = {},
): Program {
  const child = execa(process.execPath, ["--import", "tsx", file, ...args], {
    cwd: ROOT,
    // The caller's own settings must not leak in: FORCE_COLOR of a test runner, for one.
    env: { ...env, FORCE_COLOR: undefined, NO_COLOR: "1" },
    reject: false,
    stdin: "pipe",
    // Windows has no SIGTERM for processes: there the wish travels as a message.
    ipc: process.platform === "win32",
    forceKillAfterDelay: false,
    buffer: false,
  });
  const lines: Line[] = [];
  let watchers: (() => void)[] = [];

  const follow = async (from: Line["from"]) => {
    for await (const text of createInterface({ input: child[from] })) {
      const line = { from, text, at: performance.now() };
      lines.push(line);
      onLine?.(line);
      const waiting = watchers;
      watchers = [];
      for (const wake of waiting) wake();
    }
  };
  const nextLine = () =>
    new Promise<false>((resolve) => {
      watchers.push(() => resolve(false));
    });
  const textOf = (from: Line["from"]) =>
    lines
      .filter((line) => line.from === from)
      .map((line) => `${line.text}\n`)
      .join("");
  const exited = (async () => {
    const [result] = await Promise.all([child, follow("stdout"), follow("stderr")]);
    return {
      exitCode: result.exitCode,
      signal: result.signal,
      stdout: textOf("stdout"),
      stderr: textOf("stderr"),
    };
  })();

  const waitForLine: Program["waitForLine"] = async (accept, wanted) => {
    for (let seen = 0; ; seen += 1) {
      while (seen === lines.length) {
        const ended = await Promise.race([nextLine(), exited.then(() => seen === lines.length)]);
        if (!ended) continue;
        const printed = lines.map((line) => line.text).join("\n");
        throw new Error(`${file} ended without a line ${wanted}. It printed:\n${printed}`);
      }
      const line = lines[seen] as Line;
      if (accept(line.text)) return line;
    }
  };

  // A program that ends early closes its input under us; its exit tells more than EPIPE would.
  child.stdin.on("error", () => {});
  if (input !== undefined) child.stdin.end(input);

  return {
    pid: child.pid ?? -1,
    lines,
    exited,
    waitForLine,
    async waitFor(pattern) {
      const { text } = await waitForLine((line) => pattern.test(line), `that matches ${pattern}`);
      return pattern.exec(text) as RegExpExecArray;
    },
    type: (line) => {
      child.stdin.write(`${line}\n`);
    },
    endInput: () => {
      child.stdin.end();
    },
    async stop(signal = "SIGTERM") {
      if (process.platform === "win32") await child.sendMessage?.("shutdown");
      else child.kill(signal);
      return exited;
    },
    async kill() {
      child.kill("SIGKILL");
      return exited;
    },
  };
}

/** Runs a program to its end. */
export function run(file: string, args: string[] = [], options: StartOptions = {}): Promise<Exit> {
  return start(file, args, { input: "", ...options }).exited;
}
