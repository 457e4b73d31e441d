/**
 * Runs the `console` blocks of a README as a reader would, one after the other, and compares what is printed
 * with what the README says. A line that begins with "$ " is a command, the lines below it are its output.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { execa } from "execa";
import { PARTITIONS } from "../../lab/harness/lines.ts";
import { type Program, ROOT, start } from "../../lab/harness/programs.ts";
import { compare, expectInAnyOrder, expectInOrder, normalize } from "./readme_output.ts";
import { runOnTerminal, type Step } from "./terminal.ts";

export interface Command {
  line: string;
  output: string[];
}

/** Programs that go on until they are stopped: they stay up while the rest of the README is run. */
const LONG_RUNNING = /(server|worker|persister)\.ts\b/;
/** Programs that start several at once: the order of their lines is chance. */
const SEVERAL_AT_ONCE = /^npm run demo:/;
/** Whoever has solved exercise 0 has a program that prints one more line. */
const MAY_PRINT_MORE = /train\.ts$/;
const PROMPT = /\(q quits\): (.*)$/;

/** The commands of a README, with the output that it promises. */
export function readCommands(readme: string): Command[] {
  const text = readFileSync(resolve(ROOT, readme), "utf8");
  const commands: Command[] = [];
  for (const [, block = ""] of text.matchAll(/^```console\n(.*?)^```$/gms)) {
    for (const line of block.trimEnd().split("\n")) {
      if (line.startsWith("$ ")) commands.push({ line: line.slice(2), output: [] });
      else commands.at(-1)?.output.push(line);
    }
  }
  return commands;
}

/** Runs the commands; `env` sets ports and the like. Throws where something else is printed than promised. */
export async function playReadme(readme: string, env: Record<string, string>): Promise<number> {
  const commands = readCommands(readme).map(({ line, output }) => ({
    line: line.replaceAll("127.0.0.1:8000", `127.0.0.1:${env.PORT}`),
    output,
  }));
  const running: { command: Command; program: Program; shares: string[] }[] = [];
  try {
    for (const command of commands) {
      if (LONG_RUNNING.test(command.line)) {
        const shares = command.output.filter((line) => PARTITIONS.test(line));
        running.push({ command, program: await launch(command, env), shares });
        // Each rebalance by itself: a worker that comes too early has its share of the same one.
        for (const { program, shares } of running) {
          const share = shares.shift();
          if (share !== undefined) await program.waitForLine((line) => line === share, share);
        }
      } else if (command.output.some((line) => PROMPT.test(line))) await converse(command, env);
      else await runToEnd(command, env);
    }
  } finally {
    await Promise.all(running.map(({ program }) => program.stop()));
  }
  for (const { command, program } of running) {
    const printed = program.lines.map((line) => line.text);
    expectInOrder(command, command.output, printed);
  }
  return commands.length;
}

const shell = (line: string) => ["sh", "-c", line];

async function runToEnd(command: Command, env: Record<string, string>): Promise<void> {
  const { stdout } = await execa("sh", ["-c", `(${command.line}) 2>&1`], {
    cwd: ROOT,
    env: plain(env),
    reject: false,
  });
  if (MAY_PRINT_MORE.test(command.line)) expectInOrder(command, command.output, stdout.split("\n"));
  else if (SEVERAL_AT_ONCE.test(command.line)) expectInAnyOrder(command, stdout.split("\n"));
  else compare(command, stdout.split("\n"));
}

/** A prompt: what the README shows behind it is typed, on a real terminal. */
async function converse(command: Command, env: Record<string, string>): Promise<void> {
  const steps = command.output.flatMap((line, index): Step[] => {
    const typed = PROMPT.exec(line)?.[1];
    if (typed === undefined) return [];
    // A prompt is drawn again with every key, so the answer before it tells that this is a new one.
    const answer = normalize(command.output[index - 1] ?? "");
    const isFixed = answer !== "" && !PROMPT.test(answer) && !/N ms|WORKER/.test(answer);
    return [...(isFixed ? [[answer, ""] satisfies Step] : []), ["(q quits):", `${typed}\r`]];
  });
  const { text } = await runOnTerminal(shell(command.line), steps, plain(env));
  expectInOrder(command, command.output, text.split("\n"));
}

/** A long-running program: its first line is awaited now, the others must have come by the end. */
async function launch(command: Command, env: Record<string, string>): Promise<Program> {
  const [, file = "", rest = ""] = /^npx tsx (\S+)(.*)$/.exec(command.line) ?? [];
  const program = start(file, rest.split(" ").filter(Boolean), { env });
  const [first = ""] = command.output;
  await program.waitForLine((line) => normalize(line) === normalize(first), first);
  return program;
}

function plain(env: Record<string, string>): Record<string, string> {
  // npm's warnings about its user's settings are not the project's.
  return { ...env, npm_config_loglevel: "error", NO_COLOR: "1" };
}
