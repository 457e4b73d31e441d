/** What an exercise asks for, and how it is said that it is not there: what was asked, what was seen, what was expected. */
import type { Exit } from "../harness/programs.ts";

export interface Requirement {
  /** In plain words. */
  claim: string;
  /** Throws Unmet when the claim does not hold. */
  check(): Promise<void>;
}

/** A requirement that does not hold; its message is what was seen. */
export class Unmet extends Error {
  readonly asked: string;
  readonly expected: string;

  constructor(asked: string, seen: string, expected: string, options?: ErrorOptions) {
    super(seen, options);
    this.asked = asked;
    this.expected = expected;
  }
}

export interface Ran extends Exit {
  /** As one would type it. */
  command: string;
}

/** Throws Unmet unless the claim holds; what was seen is what the program printed, unless `seen` says it better. */
export function demand(holds: boolean, ran: Ran, expected: string, seen = describe(ran)): void {
  if (!holds) throw new Unmet(ran.command, seen, expected);
}

/** Demands that wrong usage is refused as everywhere here: one line on stderr about the option, exit code 2. */
export function demandRefusal(ran: Ran, option: string): void {
  const lines = ran.stderr.trim().split("\n");
  const isRefusal = ran.exitCode === 2 && ran.stdout === "" && lines.length === 1;
  const isKnown = ran.stderr.includes(option) && !ran.stderr.includes("unknown option");
  demand(isRefusal && isKnown, ran, `one line on stderr that says what ${option} takes, and exit code 2`);
}

/** What a program printed, and how it ended if that was not well. */
export function describe({ stdout, stderr, exitCode }: Exit): string {
  const lines = `${stdout}${stderr}`.trimEnd().split("\n");
  const shown = lines.length > 12 ? [...lines.slice(0, 12), `... (${lines.length} lines)`] : lines;
  const printed = shown.join("\n") || "nothing printed";
  return exitCode === 0 ? printed : `${printed}\n(exit code ${exitCode})`;
}

/** A crash is told by its reason, without the stack trace. */
export function throwIfCrashed(command: string, { stdout, stderr, signal }: Exit): void {
  const lines = `${stderr}${stdout}`.split("\n").map((line) => line.trim());
  const isTrace = lines.some((line) => /^at .+:\d+:\d+\)?$/.test(line));
  // tsx tells of a syntax error under ERROR, Node of all else under the error's name, common/cli.ts as "Unexpected".
  const reason =
    lines.find((line) => /^Unexpected error: /.test(line)) ??
    (isTrace
      ? (lines.find((line) => /ERROR: /.test(line)) ?? lines.find((line) => /^\w*Error\b/.test(line)))
      : undefined);
  if (reason !== undefined) throw new Unmet(command, `it crashed: ${reason}`, "no crash");
  if (isTrace) throw new Unmet(command, "it printed a stack trace", "no crash");
  if (signal !== undefined) throw new Unmet(command, `it was ended by ${signal}`, "no crash");
}
