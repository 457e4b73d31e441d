/** Asks a person at a terminal for measurements, line after line, or reads them from a pipe. */
import { createInterface } from "node:readline";
import type { WriteStream } from "node:tty";
import { type Measurements, parseLine } from "./iris.ts";
import { editLines } from "./line_editor.ts";

/** Short enough for 80 columns, with 20 for the answer. */
const QUESTION = "Sepal length, width, petal length, width in cm (q quits): ";
const QUIT = ["q", "quit", "exit"];

/** Yields each line's measurements until `q` or the end of input. A bad line is reported on stderr. */
export async function* promptMeasurements(): AsyncGenerator<Measurements> {
  const terminal = openTerminal();
  let number = 0;
  for await (const line of terminal === undefined ? readPipe() : editLines(QUESTION, terminal)) {
    number += 1;
    if (QUIT.includes(line.trim().toLowerCase())) return;
    if (line.trim() === "") continue;
    const measurements = parseLine(line);
    if (measurements.ok) yield measurements.value;
    else if (terminal === undefined) console.error(`Line ${number} skipped: ${measurements.error.message}`);
    else console.error(measurements.error.message);
  }
}

/** Asks a question that is answered with yes or no; anything else is no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = openTerminal();
  if (terminal === undefined) return false;
  for await (const line of editLines(`${question} (y/N) `, terminal)) {
    return ["y", "yes"].includes(line.trim().toLowerCase());
  }
  return false;
}

/** Where a person can be asked: stdout is for answers, and may go to a file while stderr still shows. */
function openTerminal(): WriteStream | undefined {
  if (!process.stdin.isTTY) return undefined;
  return [process.stdout, process.stderr].find((stream) => stream.isTTY);
}

async function* readPipe(): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: process.stdin });
  } finally {
    // Whoever holds the other end of the pipe open would otherwise keep this program alive.
    process.stdin.destroy();
  }
}
