/** Asks for measurements, line after line: a person at a terminal, or a program at the other end of a pipe. */
import { createInterface } from "node:readline";
import { type Measurements, parseLine } from "./iris.ts";

const QUESTION = "Sepal length, sepal width, petal length, petal width in cm (q to quit):";

/** Yields each line's measurements until `q`, the end of input, or Ctrl-C (which sets exit code 130). */
export function promptMeasurements(): AsyncGenerator<Measurements> {
  return process.stdin.isTTY ? askPerson() : readLines();
}

async function* askPerson(): AsyncGenerator<Measurements> {
  // Imported here, so that a pipe does not wait for a library that it does not use.
  const { input } = await import("@inquirer/prompts");
  while (true) {
    let line: string;
    try {
      line = await input(
        { message: QUESTION, validate: (text) => isQuit(text) || explain(text) },
        { output: process.stdout.isTTY ? process.stdout : process.stderr },
      );
    } catch (error) {
      if (!(error instanceof Error && error.name === "ExitPromptError")) throw error;
      process.exitCode = error.message.includes("SIGINT") ? 130 : 0;
      return;
    }
    if (isQuit(line)) return;
    const measurements = parseLine(line);
    if (measurements.ok) yield measurements.value;
  }
}

/** Reads lines without a prompt. A bad line is reported on stderr and skipped: stdout is for answers. */
async function* readLines(): AsyncGenerator<Measurements> {
  let number = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    number += 1;
    if (isQuit(line)) {
      // Whoever holds the other end of the pipe open would otherwise keep this program alive.
      process.stdin.destroy();
      return;
    }
    if (line.trim() === "") continue;
    const measurements = parseLine(line);
    if (measurements.ok) yield measurements.value;
    else console.error(`Line ${number} skipped: ${measurements.error.message}`);
  }
}

function isQuit(line: string): boolean {
  return line.trim().toLowerCase() === "q";
}

/** For inquirer's validate: true, or the message to show. */
function explain(line: string): true | string {
  const measurements = parseLine(line);
  return measurements.ok || measurements.error.message;
}

/** Asks a yes-or-no question on the terminal; no answer is a no. */
export async function confirm(question: string): Promise<boolean> {
  const inquirer = await import("@inquirer/prompts");
  return await inquirer.confirm({ message: question, default: false }).catch(() => false);
}
