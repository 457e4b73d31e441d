/** How a demonstration talks: a name before each line of its programs, and claims with a tick or a cross. */
import { endAtEnd } from "../harness/cleanup.ts";
import { colors } from "../harness/colors.ts";
import { hang } from "../harness/hang.ts";
import { type Program, type StartOptions, start } from "../harness/programs.ts";

const COLOURS = ["cyan", "magenta", "yellow", "green", "blue", "red"] as const;
const colourOf = new Map<string, (typeof COLOURS)[number] | "white">();
/** The longest names are "persister" and "worker-12". */
const NAME_WIDTH = 9;
/** Time and name, with the spaces behind them. */
const WIDEST_PREFIX = 7 + NAME_WIDTH;
/** Below this the time before each line would take too much. */
const ROOM_FOR_TIME = 60;
/** Files of the demonstration have a long path, which nobody could use afterwards. */
const OWN_FOLDER = /\S*[/\\]iris-(?:demo|tour)-[^/\\]+[/\\]/g;
/** The start of a task's id, in the lines of stage 5's client and worker. */
const TASK_ID = /^((?:->|<-) )?([0-9a-f]{4})(?= )/;

/** The columns of the terminal; 80 when the output goes elsewhere. */
export function terminalWidth(): number {
  return process.stdout.columns || 80;
}

/** Prints a text, wrapped between its words, behind `prefix`, which takes `indent` columns. */
export function tell(text: string, prefix = "", indent = 0): void {
  console.log(hang(text, terminalWidth(), prefix, indent));
}

/**
 * The frame of a table would not fit behind a name. Returns its cells alone, in columns where there is room,
 * and nothing for a line of the frame.
 */
function unframe(text: string): string {
  if (/^[─┌┬┐├┼┤└┴┘]+$/.test(text)) return "";
  if (!text.startsWith("│")) return text;
  const cells = text.replace(/^│ |\s*│$/g, "").replaceAll(" │ ", "  ");
  const room = terminalWidth() - WIDEST_PREFIX;
  return cells.length <= room ? cells : cells.trim().replace(/ {2,}/g, "  ");
}

/** Prints a line under a name; a name keeps its colour. */
export function say(name: string, text: string): void {
  const colour = colourOf.get(name) ?? COLOURS[colourOf.size % COLOURS.length] ?? "white";
  colourOf.set(name, colour);
  const seconds = (performance.now() / 1000).toFixed(1).padStart(5);
  const time = terminalWidth() < ROOM_FOR_TIME ? "" : `${seconds} `;
  const { bold, dim, [colour]: paint } = colors();
  const shown = text.replace(OWN_FOLDER, "").replace(TASK_ID, (_, arrow = "", id) => arrow + bold(id));
  tell(shown, `${dim(time)}${paint(name.padEnd(NAME_WIDTH))} `, time.length + NAME_WIDTH + 1);
}

export interface ShowOptions extends StartOptions {
  /** Shows the command alone: there would be too many lines. */
  hide?: boolean;
}

/** Starts a program whose lines are shown under `name`, its errors too. It ends with the demonstration. */
export function startShown(
  name: string,
  file: string,
  args: string[] = [],
  { hide = false, ...options }: ShowOptions = {},
): Program {
  say(name, colors().dim(`$ npx tsx ${[file, ...args].join(" ")}`));
  const onLine: StartOptions["onLine"] = ({ from, text }) => {
    const shown = unframe(text);
    if (shown !== "" && (!hide || from === "stderr")) say(name, shown);
  };
  // In a group of its own: Ctrl-C reaches the demonstration alone, which ends its programs in silence.
  return endAtEnd(start(file, args, { ...options, onLine, ownGroup: true }));
}

/** Ends a program on the spot, for all to see. */
export async function killShown(name: string, program: Program): Promise<void> {
  say(name, colors().dim(`$ kill -9 ${program.pid}`));
  await program.kill();
}

/** Prints a claim with a tick or a cross, and returns whether it held. */
export function check(claim: string, holds: boolean, seen: string): boolean {
  tell(holds ? claim : `${claim}: ${seen}`, holds ? `${colors().green("✓")} ` : `${colors().red("✗")} `, 2);
  return holds;
}
