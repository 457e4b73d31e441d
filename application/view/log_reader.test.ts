import { expect, test } from "vitest";
import type { Message } from "../../common/kafka/consume_plan.ts";
import { selectFresh, whereToStart } from "./log_reader.ts";

/** Messages with these offsets; each one's time is ten times its offset. */
const messages = (...offsets: number[]): Message[] =>
  offsets.map((offset) => ({
    partition: 0,
    offset: String(offset),
    timestamp: String(offset * 10),
    key: null,
    value: null,
  }));

const at = (next: number, last: number, timestamp = String(last * 10)) => ({
  next,
  last: { offset: last, timestamp },
});

test("reading goes on with the last message that is known, to see that it is still the same", () => {
  expect(whereToStart(undefined, 0)).toBe(0);
  expect(whereToStart(undefined, 7)).toBe(7);
  expect(whereToStart(at(6, 5), 0)).toBe(5);
  // Behind it were marks of a transaction.
  expect(whereToStart(at(8, 5), 0)).toBe(5);
  expect(whereToStart({ next: 4, last: undefined }, 0)).toBe(4);
  // Kafka has deleted it, or more than that.
  expect(whereToStart(at(8, 5), 6)).toBe(8);
  expect(whereToStart(at(6, 5), 9)).toBe(9);
});

test("what was read before is passed over", () => {
  expect(selectFresh(messages(0, 1), 0, undefined)).toEqual(messages(0, 1));
  expect(selectFresh(messages(5, 6, 7), 5, at(6, 5))).toEqual(messages(6, 7));
  expect(selectFresh(messages(6, 7), 5, at(6, 5))).toEqual(messages(6, 7));
  expect(selectFresh(messages(5), 5, at(6, 5))).toEqual([]);
  expect(selectFresh(messages(5, 8), 5, at(8, 5))).toEqual(messages(8));
  // Kafka's retention has deleted what was not read.
  expect(selectFresh(messages(20, 21), 5, at(6, 5))).toEqual(messages(20, 21));
});

test("another message in the place of the last one, or one before it, is another topic", () => {
  expect(selectFresh(messages(5, 6), 5, at(6, 5, "7"))).toBeUndefined();
  expect(selectFresh(messages(0, 1), 5, at(6, 5))).toBeUndefined();
});
