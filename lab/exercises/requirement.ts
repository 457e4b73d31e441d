/** What an exercise requires of a program, and how verify reports what is missing: asked, seen, expected. */
import type { Exit } from "../harness/programs.ts";

export interface Requirement {
  /** In plain words. */
  claim: string;
  /** Throws Unsatisfied when the claim does not hold, and NotRun when that cannot be found out. */
  check(): Promise<void>;
}

/** A requirement that does not hold; its message is what was seen. */
export class Unsatisfied extends Error {
  readonly asked: string;
  readonly expected: string;

  constructor(asked: string, seen: string, expected: string, options?: ErrorOptions) {
    super(seen, options);
    this.asked = asked;
    this.expected = expected;
  }
}

/** A requirement that was not checked; its message is the reason. */
export class NotRun extends Error {}

export interface Ran extends Exit {
  /** As one types it in a shell. */
  command: string;
}

/** The most lines of a program's output that are shown. */
const MOST_LINES = 12;

/**
 * Throws Unsatisfied unless the claim holds. `seen` is what the program printed, unless a text says it
 * better.
 */
export function assertThat(holds: boolean, ran: Ran, expected: string, seen = describe(ran)): void {
  if (!holds) throw new Unsatisfied(ran.command, seen, expected);
}

/** Asserts that wrong usage is refused: one line on stderr about the option, exit code 2. */
export function assertRefused(ran: Ran, option: string): void {
  const lines = ran.stderr.trim().split("\n");
  const isRefusal = ran.exitCode === 2 && ran.stdout === "" && lines.length === 1;
  const isKnown = ran.stderr.includes(option) && !ran.stderr.includes("unknown option");
  assertThat(isRefusal && isKnown, ran, `one line on stderr that says what ${option} takes, and exit code 2`);
}

/** What a program printed, and how it ended if that was not with exit code 0. */
export function describe({ stdout, stderr, exitCode }: Exit): string {
  const lines = `${stdout}${stderr}`.trimEnd().split("\n");
  const shown =
    lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), `... (${lines.length} lines)`] : lines;
  const printed = shown.join("\n") || "nothing printed";
  return exitCode === 0 || exitCode === undefined ? printed : `${printed}\n(exit code ${exitCode})`;
}
