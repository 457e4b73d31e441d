import fc from "fast-check";
import { expect, test } from "vitest";
import { distance, formatId, parseId, toVector, witnessPlace } from "./vector.ts";

const offsets = fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 20 });
const vectors = fc.record({ tasks: offsets, results: offsets, deadLetters: offsets, events: offsets });

test("an id holds all of its vector, and is one line of few characters", () => {
  fc.assert(
    fc.property(vectors, fc.nat(), (vector, witness) => {
      const id = { log: "0a1b2c3d", vector, witness };
      const text = formatId(id);
      expect(parseId(text)).toEqual(id);
      expect(text).toMatch(/^[\w~.]+$/);
    }),
  );
});

test.each(["", "17", "~~~~~", "a~1~1~1~1", "a~1.x!~1~1~1~1", "a~1~1~1~1~1~1", "a~zzzzzzzzzzzzzzz~0~0~0~0"])(
  'what comes from outside may be anything: "%s"',
  (text) => {
    expect(parseId(text)).toBeUndefined();
  },
);

test("an id with more partitions than any topic has is none", () => {
  expect(parseId(`a~${"1.".repeat(1001)}~0~0~0~0`)).toBeUndefined();
});

test("positions that are not known yet are 0", () => {
  expect(toVector({ tasks: { 2: 5 }, keys: { 0: 9 } })).toEqual({
    tasks: [0, 0, 5],
    results: [],
    deadLetters: [],
    events: [],
  });
});

test("the distance counts messages; one that goes back anywhere has none", () => {
  const from = toVector({ tasks: { 0: 5, 1: 7 }, results: { 0: 3 } });
  expect(distance(from, toVector({ tasks: { 0: 6, 1: 7, 2: 4 }, results: { 0: 5 } }))).toBe(7);
  expect(distance(from, from)).toBe(0);
  expect(distance(from, toVector({ tasks: { 0: 9, 1: 6 }, results: { 0: 5 } }))).toBe(-1);
  expect(distance(from, toVector({ tasks: { 0: 9 }, results: { 0: 5 } }))).toBe(-1);
});

test("the witness is the last task of the longest partition", () => {
  expect(witnessPlace(toVector({ tasks: { 0: 5, 1: 7, 2: 7 } }))).toEqual({ partition: 1, offset: 6 });
  expect(witnessPlace(toVector({}))).toBeUndefined();
});
