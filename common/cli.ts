/** What every program here does alike on a command line: help, wrong usage, last words. */
import { Command, InvalidArgumentError } from "commander";
import { ProgramError } from "./errors.ts";

/**
 * A commander program with this project's manners: `example` stands under its help, wrong usage is one line
 * on stderr and exit code 2, and an error that nobody caught is one line instead of a stack trace.
 */
export function createProgram(name: string, description: string, example: string): Command {
  process.on("uncaughtException", (error) => {
    if (error instanceof ProgramError) exitWith(error.exitCode, error.message);
    if (process.env.DEBUG !== undefined) console.error(error);
    exitWith(1, `Unexpected error: ${firstLine(error)} (DEBUG=1 shows where; please report it)`);
  });
  // A reader that has seen enough (`| head -1`) closes the pipe: that is no fault of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return new Command(name)
    .description(description)
    .addHelpText("after", `\nExample:\n  ${example}`)
    .configureOutput({
      outputError: (text, write) => write(`${text.trim().replace(/\s*\n\s*/g, " ")} --help shows how.\n`),
    })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** A parser for a commander option that is a whole number. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected a whole number ${range(min, max)}.`);
  };
}

/** A parser for a commander option that is a time in seconds, as 0.5 or 30. */
export function seconds(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected seconds ${range(min, max)}.`);
  };
}

/** Says the last words on stderr and ends the program. */
export function exitWith(exitCode: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function range(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}
