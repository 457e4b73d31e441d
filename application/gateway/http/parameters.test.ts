/** Parameters from outside: what they mean, and what is said about one that is wrong. */
import * as v from "valibot";
import { expect, test } from "vitest";
import { moment, oneOf, parseParameters, text, wholeNumber } from "./parameters.ts";

const schema = v.strictObject({
  limit: v.optional(wholeNumber(1, 100), "10"),
  offset: v.exactOptional(wholeNumber(0)),
  species: v.exactOptional(oneOf(["setosa", "virginica"])),
  worker: v.exactOptional(text("a worker's name")),
  since: v.exactOptional(moment()),
});

test("parameters are what they mean", () => {
  // As Fastify hands them over.
  expect(parseParameters(schema, Object.create(null))).toEqual({ limit: 10 });
  expect(
    parseParameters(schema, {
      limit: "7",
      offset: "9007199254740991",
      species: "setosa",
      worker: "=1",
      since: "2026-03-01T13:00:00+01:00",
    }),
  ).toEqual({
    limit: 7,
    offset: Number.MAX_SAFE_INTEGER,
    species: "setosa",
    worker: "=1",
    since: "2026-03-01T12:00:00.000Z",
  });
  expect(parseParameters(schema, { since: "2026-03-01" }).since).toBe("2026-03-01T00:00:00.000Z");
});

test.each([
  [{ limit: "0" }, 'Expected limit to be a whole number from 1 to 100, got "0"'],
  [{ limit: "1e1" }, 'Expected limit to be a whole number from 1 to 100, got "1e1"'],
  [{ limit: "" }, 'Expected limit to be a whole number from 1 to 100, got ""'],
  [{ limit: ["1", "2"] }, 'Expected limit to be a whole number from 1 to 100, got ["1","2"]'],
  [{ offset: "-1" }, 'Expected offset to be a whole number of at least 0, got "-1"'],
  [
    { offset: "9007199254740993" },
    'Expected offset to be a whole number of at least 0, got "9007199254740993"',
  ],
  [{ species: "rose" }, 'Expected species to be one of setosa, virginica, got "rose"'],
  [{ worker: "" }, `Expected worker to be a worker's name of 1 to 200 characters, got ""`],
  [{ since: "yesterday" }, 'Expected since to be a time such as 2026-03-01T12:00:00Z, got "yesterday"'],
  [{ since: "2026-02-30" }, 'Expected since to be a time such as 2026-03-01T12:00:00Z, got "2026-02-30"'],
  [{ since: "2026-13-01" }, 'Expected since to be a time such as 2026-03-01T12:00:00Z, got "2026-13-01"'],
  [
    { since: "2026-03-01T12:00:00" },
    'Expected since to be a time such as 2026-03-01T12:00:00Z, got "2026-03-01T12:00:00"',
  ],
  [
    { speceis: "setosa" },
    'Expected each parameter to be one of limit, offset, species, worker, since, got "speceis"',
  ],
  [
    { "\u001b[2J": "" },
    'Expected each parameter to be one of limit, offset, species, worker, since, got "\\u001b[2J"',
  ],
])("%j", (given, message) => {
  expect(() => parseParameters(schema, given)).toThrow(message);
});

test("a parameter that has to be there is missed", () => {
  expect(() => parseParameters(v.object({ id: text("an id") }), {})).toThrow(
    "Expected id to be given, got nothing",
  );
});
