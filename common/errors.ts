/**
 * An error whose message is written for the person at the terminal: one line that says what was expected,
 * what came, and what to do next. `exitCode` follows the shell's habit: 2 for wrong usage, 1 for the rest.
 */
export class ProgramError extends Error {
  readonly exitCode: number = 1;
}

/** A value from outside that is not what the schema asks for. Also the body of a 422 and of a dead letter. */
export class InputError extends ProgramError {
  override readonly exitCode = 2;
  readonly field: string;
  readonly expected: string;
  readonly got: string;

  constructor(field: string, expected: string, got: string) {
    super(`Expected ${field} to be ${expected}, got ${got}`);
    this.field = field;
    this.expected = expected;
    this.got = got;
  }
}
