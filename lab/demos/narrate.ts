/** How a demonstration talks: the time and a coloured name before each line of its programs, claims with a tick or a cross. */
import pc from "picocolors";
import { atEnd } from "../harness/cleanup.ts";
import { type Program, type StartOptions, start } from "../harness/programs.ts";

const COLOURS = [pc.cyan, pc.magenta, pc.yellow, pc.green, pc.blue, pc.red];
const NAME_WIDTH = 10;
const colourOf = new Map<string, (text: string) => string>();

/** Prints a line under a name; a name keeps its colour. picocolors prints none off a terminal or with NO_COLOR. */
export function say(name: string, text: string): void {
  const colour = colourOf.get(name) ?? COLOURS[colourOf.size % COLOURS.length] ?? pc.white;
  colourOf.set(name, colour);
  const now = new Date();
  const time = `${now.toTimeString().slice(0, 8)}.${String(now.getMilliseconds()).padStart(3, "0")}`;
  console.log(`${pc.dim(time)} ${colour(name.padEnd(NAME_WIDTH))} ${text}`);
}

/** Starts a program whose lines are shown under `name`, its errors too. It is ended at the end of the demonstration. */
export function startShown(
  name: string,
  file: string,
  args: string[] = [],
  options: StartOptions = {},
): Program {
  say(name, pc.dim(`$ npx tsx ${[file, ...args].join(" ")}`));
  const program = start(file, args, { ...options, onLine: (line) => say(name, line.text) });
  atEnd(() => program.kill());
  return program;
}

/** Ends a program on the spot, for all to see. */
export async function killShown(name: string, program: Program): Promise<void> {
  say(name, pc.dim(`$ kill -9 ${program.pid}`));
  await program.kill();
}

/** Prints a claim with a tick or a cross, and returns whether it held. */
export function check(claim: string, holds: boolean, seen: string): boolean {
  console.log(holds ? `${pc.green("✓")} ${claim}` : `${pc.red("✗")} ${claim}: ${seen}`);
  return holds;
}
