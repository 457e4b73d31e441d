import { printable } from "./printable.ts";

export interface ProgramErrorOptions extends ErrorOptions {
  /** What kind of fault it is, for programs: the message is for people. */
  kind?: string;
  /** The command that fixes it, where there is one. */
  fix?: string;
  /** 2 for wrong usage, 1 for the rest. */
  exitCode?: number;
}

/**
 * An error whose message is written for the person at the terminal: one line that says what was expected,
 * what came, and what to do next.
 */
export class ProgramError extends Error {
  readonly kind: string | undefined;
  readonly fix: string | undefined;
  readonly exitCode: number;

  constructor(message: string, { kind, fix, exitCode = 1, ...options }: ProgramErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.fix = fix;
    this.exitCode = exitCode;
  }
}

/**
 * A value from outside that is not what the schema asks for. Also the body of a 422 and of a dead letter.
 * `got` is the value as text; characters that would act on a terminal are escaped.
 */
export class InputError extends ProgramError {
  readonly field: string;
  readonly expected: string;
  readonly got: string;

  constructor(field: string, expected: string, got: string, options?: ErrorOptions) {
    const shown = printable(got);
    super(`Expected ${field} to be ${expected}, got ${shown}`, {
      ...options,
      kind: "invalid_input",
      exitCode: 2,
    });
    this.field = field;
    this.expected = expected;
    this.got = shown;
  }
}
