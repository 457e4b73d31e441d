/** A dead letter as people see it, and what becomes of it when it is put back. */
import { expect, test } from "vitest";
import { formatPlace, parsePlace, readMeasurements, toReplay } from "./replay.ts";
import { showBytes } from "./show_bytes.ts";

const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

test.each([
  ["rubbish", { text: "rubbish" }],
  ["", { text: "" }],
  ["ä\n\t\r🌷", { text: "ä\n\t\r🌷" }],
  [Buffer.from([0xff, 0xfe, 0]), { hex: "fffe00" }],
  ["\u001b[2J", { hex: "1b5b324a" }],
  // Would be shown as something else than it is.
  ["abc\u202edef", { hex: "616263e280ae646566" }],
  [Buffer.from([0xc3]), { hex: "c3" }],
])("%j is shown as %j", (bytes, shown) => {
  expect(showBytes(Buffer.from(bytes as string))).toEqual(shown);
});

test("what is cut is cut between two characters", () => {
  const text = "aä€🌷".repeat(10);
  const bytes = Buffer.from(text);
  for (let longest = 0; longest < bytes.length; longest += 1) {
    const { text: start = "not text", is_cut } = showBytes(bytes, longest);
    expect(text.startsWith(start)).toBe(true);
    expect(longest - Buffer.byteLength(start)).toBeLessThan(4);
    expect(is_cut).toBe(true);
  }
  expect(showBytes(bytes, bytes.length)).toEqual({ text });
  expect(showBytes(Buffer.from([0xff, 1, 2]), 2)).toEqual({ hex: "ff01", is_cut: true });
  // Broken in its middle, not by the cut.
  expect(showBytes(Buffer.from([0x61, 0x80, 0x80, 0x80, 0x80, 0x61]), 5)).toEqual({
    hex: "6180808080",
    is_cut: true,
  });
});

test.each([
  ["0/12", { partition: 0, offset: 12 }],
  ["11/9007199", { partition: 11, offset: 9007199 }],
  ["12", undefined],
  ["0/-1", undefined],
  ["0/1/2", undefined],
  ["a/b", undefined],
])("the place %s", (text, place) => {
  expect(parsePlace(text)).toEqual(place);
  if (place !== undefined) expect(formatPlace(place)).toBe(text);
});

test.each([
  ["its own text", JSON.stringify(X), undefined],
  ["its own text with an id", JSON.stringify({ task_id: "old", X }), undefined],
  ["an object", "rubbish", X],
  ["an object as on the wire", "rubbish", { task_id: "old", X }],
  ["a line", "rubbish", "6,3,4,1"],
  ["JSON as text", "rubbish", ` ${JSON.stringify(X)}`],
  ["anything, for a letter without a value", null, X],
])("can be read: %s", (_, value, edit) => {
  expect(readMeasurements(value === null ? null : Buffer.from(value), edit)).toEqual(X);
});

test.each([
  ["rubbish", undefined, 'Expected the message to be JSON, got "rubbish"'],
  [null, undefined, "Expected the message to be JSON, got no value"],
  ["6,3,4,1", undefined, 'Expected the message to be JSON, got "6,3,4,1"'],
  [
    JSON.stringify(X),
    { ...X, petal_width: 31 },
    "Expected petal_width to be a number between 0 and 30 cm, got 31",
  ],
  [JSON.stringify(X), "6,3,4", "Expected petal_width to be a number between 0 and 30 cm, got nothing"],
  [JSON.stringify(X), "{", 'Expected the message to be JSON, got "{"'],
  [JSON.stringify(X), 5, "Expected the edited task to be an object with the measurements, or a text, got 5"],
  [
    JSON.stringify(X),
    null,
    "Expected the edited task to be an object with the measurements, or a text, got null",
  ],
])("cannot be read: %s edited to %j", (value, edit, message) => {
  expect(() => readMeasurements(value === null ? null : Buffer.from(value), edit)).toThrow(message);
});

test("an object in an object in an object is refused, however deep", () => {
  const deep = JSON.parse(`${'{"X":'.repeat(100_000)}1${"}".repeat(100_000)}`);
  expect(() => readMeasurements(null, deep)).toThrow("Expected sepal_length to be a number");
});

test("a replay is a new task each time, and says what it replays", () => {
  const { task_id, message } = toReplay({ partition: 0, offset: 12 }, X);
  expect(message).toEqual({ value: JSON.stringify({ task_id, X }), headers: { "replay-of": "0/12" } });
  expect(toReplay({ partition: 0, offset: 12 }, X).task_id).not.toBe(task_id);
});
