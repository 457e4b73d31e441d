/** What a client prefers, and the key of its request. */
import { expect, test } from "vitest";
import { parseIdempotencyKey, parsePreferWait } from "./headers.ts";

test.each([
  ["wait=10", 10],
  ["wait=0", 0],
  ['WAIT = "7"', 7],
  ["respond-async, wait=10", 10],
  ["respond-async,wait=10;strict", 10],
  ["wait=5, wait=9", 5],
  ["wait=100000", 60],
  ["wait=99999999999", 60],
])("Prefer: %s waits %d s", (header, seconds) => {
  expect(parsePreferWait(header)).toBe(seconds);
});

// A preference that is not understood is ignored (RFC 7240, 2).
test.each([
  undefined,
  "",
  "respond-async",
  "wait",
  "wait=",
  "wait=soon",
  "wait=-1",
  "wait=1.5",
  "wait=10s",
  "await=10",
  // A parameter of another preference.
  "return=minimal; wait=10",
])("Prefer: %s waits for nothing", (header) => {
  expect(parsePreferWait(header)).toBeUndefined();
});

test.each([
  ["abc", "abc"],
  ['"abc"', "abc"],
  ['"a \\"b\\" \\\\c"', 'a "b" \\c'],
  ['"abc', '"abc'],
  ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
  ["k".repeat(255), "k".repeat(255)],
])("Idempotency-Key: %s is the key %s", (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key);
});

test("no header is no key", () => {
  expect(parseIdempotencyKey(undefined)).toBeUndefined();
});

test.each([
  ["", '""'],
  ["   ", '"   "'],
  ['""', '"\\"\\""'],
  ["k\u00e9y", '"k\u00e9y"'],
  ["a\tb", '"a\\tb"'],
  ["k".repeat(256), `"${"k".repeat(59)}... (258 characters)`],
])("Idempotency-Key: %j is none", (header, got) => {
  const expected = "Expected the header Idempotency-Key to be 1 to 255 printable characters";
  expect(() => parseIdempotencyKey(header)).toThrow(`${expected}, got ${got}`);
});
