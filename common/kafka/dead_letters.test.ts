import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import type { Message } from "./consume_plan.ts";
import { shorterLetters, toDeadLetter } from "./dead_letters.ts";
import type { Headers } from "./records.ts";

const BAD = { ok: false, error: new InputError("X", "X", "Y"), task_id: undefined } as const;
const OURS = {
  "original-topic": "tasks",
  "original-partition": "3",
  "original-offset": "17",
  reason: "Expected X to be X, got Y",
};

function bad(more: Partial<Message> = {}): Message {
  return { partition: 3, offset: "17", timestamp: "0", key: null, value: Buffer.from("rubbish"), ...more };
}

/** Headers as they are read: without a prototype. */
function headers(entries: [string, Headers[string]][]): Headers {
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

test("a dead letter is the original, with its place and the reason", () => {
  const message = bad({ key: Buffer.from("key"), headers: headers([["trace", Buffer.from("abc")]]) });
  expect(toDeadLetter(message, "tasks", BAD)).toEqual({
    key: message.key,
    value: message.value,
    headers: { trace: [Buffer.from("abc")], ...OURS },
  });
});

test("odd headers: null, repeated, named like a property of every object, or like ours", () => {
  const odd = headers([
    ["empty", null],
    ["twice", [Buffer.from("1"), null, Buffer.from([0xff])]],
    ["constructor", Buffer.from("c")],
    ["reason", Buffer.from("theirs")],
  ]);
  // Assigned on its own: in a literal it would set the prototype.
  Object.defineProperty(odd, "__proto__", { value: Buffer.from("p"), enumerable: true });
  const letter = toDeadLetter(bad({ headers: odd }), "tasks", BAD);
  expect(Object.entries(letter.headers ?? {})).toEqual([
    ["empty", [""]],
    ["twice", [Buffer.from("1"), "", Buffer.from([0xff])]],
    ["constructor", [Buffer.from("c")]],
    ["reason", OURS.reason],
    ["__proto__", [Buffer.from("p")]],
    ["original-topic", "tasks"],
    ["original-partition", "3"],
    ["original-offset", "17"],
  ]);
});

test("a batch that cannot be read has one dead letter, with its first and last offset", () => {
  const unreadable = { firstOffset: "17", lastOffset: "42", reason: "the checksum is wrong" };
  const message = bad({ offset: "42", value: null, headers: headers([]), unreadable });
  expect(toDeadLetter(message, "tasks", BAD)).toEqual({
    key: null,
    value: null,
    headers: { ...OURS, "original-last-offset": "42", reason: "the checksum is wrong" },
  });
});

test("what is too large goes without its value, and in the worst case with our headers alone", () => {
  const message = bad({ key: Buffer.from("key"), headers: headers([["trace", Buffer.from("abc")]]) });
  const [whole, ...shorter] = shorterLetters(toDeadLetter(message, "tasks", BAD));
  expect(whole).toEqual(toDeadLetter(message, "tasks", BAD));
  expect(shorter).toEqual([
    { ...whole, value: null },
    { value: null, headers: OURS },
  ]);
});
