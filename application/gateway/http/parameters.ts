/**
 * What comes as text in a path, a query or a header. The message of each schema says what is expected, in the
 * words that follow "Expected limit to be".
 */
import * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import { show } from "../../../common/iris.ts";
import type { Fields } from "../openapi/operation.ts";

/** A whole number, such as "17". */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  const expected =
    max === Number.MAX_SAFE_INTEGER
      ? `a whole number of at least ${min}`
      : `a whole number from ${min} to ${max}`;
  return v.pipe(
    v.string(expected),
    v.transform((text) => (/^\d{1,16}$/.test(text) ? Number(text) : Number.NaN)),
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

/** One of some words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, words.length === 1 ? `${words[0]}` : `one of ${words.join(", ")}`);
}

/** A text that is not empty; `what` names it. */
export function text(what: string, longest = 200) {
  const expected = `${what} of 1 to ${longest} characters`;
  return v.pipe(v.string(expected), v.minLength(1, expected), v.maxLength(longest, expected));
}

/** A moment, as ISO 8601 writes it: "2026-03-01T12:00:00Z", or "2026-03-01" for its first instant. In UTC. */
export function moment() {
  const expected = "a time such as 2026-03-01T12:00:00Z";
  return v.pipe(
    v.string(expected),
    v.transform((given) => {
      const isForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?$/.test(given);
      const day = given.slice(0, 10);
      // Date takes the 30th of February for the 2nd of March.
      return isForm && toIso(day).startsWith(day) ? toIso(given) : "";
    }),
    v.string(expected),
    v.isoTimestamp(expected),
  );
}

/** Empty if it is no time. */
function toIso(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? "" : time.toISOString();
}

/**
 * Reads parameters. Throws InputError; so it does for one that the schema, if it is strict, does not know.
 */
export function parseParameters<Schema extends Fields>(
  schema: Schema,
  given: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, given, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const name = String(issue.path?.[0]?.key);
  if (!Object.hasOwn(schema.entries, name)) {
    throw new InputError("each parameter", `one of ${Object.keys(schema.entries).join(", ")}`, show(name));
  }
  const got = (given as Record<string, unknown>)[name];
  const isMissing = got === undefined;
  throw new InputError(name, isMissing ? "given" : issue.message, show(got));
}
