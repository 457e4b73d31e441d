/** What every program here does in the same way: help, wrong usage, environment variables, its last line. */
import { inspect } from "node:util";
import { Command, InvalidArgumentError, type Option, type ParseOptions } from "@commander-js/extra-typings";
import { readVariable } from "./environment.ts";
import { ProgramError } from "./errors.ts";
import { explainOldNode } from "./node_version.mjs";
import { printableLines } from "./printable.ts";

/**
 * A commander program: `example` stands under its help, wrong usage is one line on stderr and exit code 2,
 * and an error that nobody caught is one line instead of a stack trace. An option's value comes from the
 * command line, else from its environment variable (see environment.ts), else from its default.
 */
export function createProgram(name: string, description: string, example: string): Command {
  const oldNode = explainOldNode(process.versions.node);
  if (oldNode !== undefined) exitWith(1, oldNode);
  process.on("uncaughtException", (error) => exitWithError(error));
  endWhenOutputFails();
  return new Program(name)
    .description(description)
    .addHelpText("after", `\nExample:\n  ${example}`)
    .configureOutput({
      outputError: (text, write) =>
        write(`${printableLines(toSentence(text))} ${whereOptionsStand(name, text)}--help shows how.\n`),
    })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** Commander's errors have several lines, and some no full stop. */
function toSentence(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, " ");
  return line.replace(/\w'?$/, "$&.");
}

/** Without -- npm takes --port of `npm run app --port 8085` for itself, and the program gets 8085 alone. */
function whereOptionsStand(name: string, text: string): string {
  if (!name.startsWith("npm run ") || !text.includes("too many arguments")) return "";
  return `Options stand behind --: ${name.replace(/( --)?$/, " --")} `;
}

class Program extends Command {
  /**
   * Commander would take an empty variable for a value and any text for `true`, and would blame the flag for
   * a wrong variable. So it does not see the variables' names while it parses.
   */
  override parse(argv?: readonly string[], parseOptions?: ParseOptions): this {
    const variables = new Map<Option, string>();
    for (const option of this.options) {
      if (option.envVar === undefined) continue;
      variables.set(option, option.envVar);
      option.description += ` (env: ${option.envVar})`;
      delete option.envVar;
    }
    super.parse(argv, parseOptions);
    for (const [option, name] of variables) {
      option.envVar = name;
      if (this.getOptionValueSource(option.attributeName()) === "cli") continue;
      const value = readVariable(process.env, name, parserOf(option));
      if (value !== undefined) this.setOptionValueWithSource(option.attributeName(), value, "env");
    }
    return this;
  }
}

function parserOf(option: Option): (text: string) => unknown {
  if (option.isBoolean()) return trueOrFalse;
  return (text) => option.parseArg?.(text, undefined) ?? text;
}

/** What a parser of an option or a variable throws; `expected` continues the words "Expected it to be". */
export class ExpectationError extends InvalidArgumentError {
  readonly expected: string;

  constructor(expected: string) {
    super(`Expected ${expected}.`);
    this.expected = expected;
  }
}

/** A parser for a whole number. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new ExpectationError(`a whole number ${range(min, max)}`);
  };
}

/** A parser for a time in seconds, such as 0.5 or 30. */
export function seconds(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new ExpectationError(`a number of seconds ${range(min, max)}`);
  };
}

/** A parser for a boolean variable. (A boolean option has no value: it is there or not.) */
export function trueOrFalse(text: string): boolean {
  const word = text.toLowerCase();
  if (word === "true" || word === "1") return true;
  if (word === "false" || word === "0") return false;
  throw new ExpectationError("true, false, 1 or 0");
}

function range(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
}

/** Prints a last line on stderr and ends the program. */
export function exitWith(exitCode: number, message: string): never {
  process.stderr.write(`${printableLines(message)}\n`);
  process.exit(exitCode);
}

/** With DEBUG=1 the stack comes first, and with it the causes. */
function exitWithError(error: unknown): never {
  // The package `debug` takes names in this variable, so it is not only true or false.
  const debug = !["0", "false"].includes(readVariable(process.env, "DEBUG") ?? "false");
  if (debug) process.stderr.write(`${printableLines(inspect(error))}\n`);
  if (error instanceof ProgramError) exitWith(error.exitCode, error.message);
  const [firstLine] = String(error instanceof Error ? error.message : error).split("\n");
  exitWith(1, `Unexpected error: ${firstLine} (DEBUG=1 shows where; please report it)`);
}

function endWhenOutputFails(): void {
  let failure: Error | undefined;
  const end = (error: Error) => {
    failure = error;
    process.exit(isClosedPipe(error) ? 0 : 1);
  };
  process.stdout.on("error", end);
  process.stderr.on("error", end);
  process.on("exit", () => {
    // A program that exits right after its last line ends before the error event.
    const error = failure ?? process.stdout.errored;
    if (!error || isClosedPipe(error)) return;
    process.stderr.write(`Cannot write the output (${error.message}): is the disk full?\n`);
    process.exitCode = 1;
  });
}

/** A reader that has seen enough (`| head -1`) closes the pipe: that is no fault. */
function isClosedPipe(error: NodeJS.ErrnoException | undefined): boolean {
  return error?.code === "EPIPE";
}
