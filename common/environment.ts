/**
 * One rule for every environment variable: an empty one is no value, and a wrong one is refused by its own
 * name. Shells, Docker and CI set empty variables for values that are not there.
 */
import { ProgramError, type ProgramErrorOptions } from "./errors.ts";
import { printable } from "./printable.ts";

/** The text of a variable; undefined when it is not set or empty. */
export function readVariable(env: NodeJS.ProcessEnv, name: string): string | undefined;
/** A variable's value, read by the parser of the matching option. Throws ProgramError when it is wrong. */
export function readVariable<T>(
  env: NodeJS.ProcessEnv,
  name: string,
  parse: (text: string) => T,
): T | undefined;
export function readVariable(env: NodeJS.ProcessEnv, name: string, parse = (text: string): unknown => text) {
  const text = env[name];
  if (text === undefined || text === "") return undefined;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof Error && "expected" in error)) throw error;
    throw invalidVariable(name, String(error.expected), text, { cause: error });
  }
}

/** The error for a variable that is not as `expected`, such as "a whole number of at least 1". */
export function invalidVariable(
  name: string,
  expected: string,
  got: string,
  options?: Pick<ProgramErrorOptions, "cause" | "fix">,
): ProgramError {
  const shown = got === "" ? "nothing" : `"${printable(got)}"`;
  const message = `Expected the environment variable ${name} to be ${expected}, got ${shown}`;
  return new ProgramError(message, {
    fix: `unset ${name}`,
    ...options,
    kind: "invalid_variable",
    exitCode: 2,
  });
}
