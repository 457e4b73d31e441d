/** How verify shows a requirement: satisfied, not satisfied (asked, seen, expected), or not run. */
import { printable } from "../../common/printable.ts";
import { colors } from "../harness/colors.ts";
import { wrapped } from "../harness/hang.ts";
import { NotRun, type Requirement, Unsatisfied } from "./requirement.ts";

export interface Finding {
  claim: string;
  /** Undefined when the requirement is satisfied. */
  fault?: Unsatisfied | NotRun;
}

/** The most characters of a line that are shown. */
const WIDEST = 300;

/** Checks one requirement. What is no fault of the student's program is thrown on. */
export async function check({ claim, check }: Requirement): Promise<Finding> {
  try {
    await check();
    return { claim };
  } catch (error) {
    if (error instanceof Unsatisfied || error instanceof NotRun) return { claim, fault: error };
    throw error;
  }
}

/** The lines about one requirement. */
export function formatFinding({ claim, fault }: Finding): string {
  const claimed = (mark: string) => wrapped(claim, `${mark} `, 2);
  if (fault === undefined) return claimed(colors().green("✓"));
  if (fault instanceof NotRun)
    return `${claimed(colors().yellow("-"))}\n${wrapped(fault.message, "    ", 4)}`;
  return [
    claimed(colors().red("✗")),
    part("asked", fault.asked),
    part("seen", fault.message),
    part("expected", fault.expected),
  ].join("\n");
}

/** What a program printed may hold anything: control characters are escaped, and long lines are cut. */
function part(label: string, text: string): string {
  const lines = text.split("\n").map(cut).map(printable);
  return `    ${colors().dim(label.padEnd(8))} ${lines.join(`\n${" ".repeat(13)}`)}`;
}

function cut(line: string): string {
  return line.length > WIDEST ? `${line.slice(0, WIDEST)}... (${line.length} characters)` : line;
}
