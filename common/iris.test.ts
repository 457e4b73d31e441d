import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "./errors.ts";
import {
  FIELDS,
  formatAnswer,
  type Parsed,
  parseAnswer,
  parseFields,
  parseLine,
  parseMeasurements,
} from "./iris.ts";

const iris = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

function messageOf(parsed: Parsed<unknown>): string {
  return parsed.ok ? "no error" : parsed.error.message;
}

test.each([
  [["5,1", "3", "4", "1"], 'got "5,1": write decimals with a point (5.1)'],
  [["6,3,4,1"], 'got "6,3,4,1": separate the numbers with spaces'],
  [["6,", "3,", "4,", "1"], 'got "6,": separate the numbers with spaces'],
  [["1,2,3", "3", "4", "1"], 'got "1,2,3"'],
  [["6", "3", "4", "1", "5"], "got 5"],
])("arguments %j: the commas are what is wrong", (texts, message) => {
  const parsed = parseFields(texts);
  expect(parsed.ok ? "an iris" : parsed.error.message).toSatisfy((text: string) => text.endsWith(message));
});

describe("a line of the prompt", () => {
  test.each(["6,3,4,1", "6 3 4 1", " 6, 3 ,4 ,\t1 ", "6.0,3.,4,+1", "6   3,4 1"])("%j is an iris", (line) => {
    expect(parseLine(line)).toEqual({ ok: true, value: iris });
  });

  test.each([
    ["", "Expected sepal_length to be a number between 0 and 30 cm, got nothing"],
    ["6,3,4", "Expected petal_width to be a number between 0 and 30 cm, got nothing"],
    ["6,3,4,1,", "got 5: commas separate numbers, write decimals with a point (5.1)"],
    ["6,,4,1", 'Expected sepal_width to be a number between 0 and 30 cm, got ""'],
    ["6,3,4,abc", 'Expected petal_width to be a number between 0 and 30 cm, got "abc"'],
    ["-1,3,4,1", "Expected sepal_length to be a number between 0 and 30 cm, got -1"],
    [
      "6,0,4,1",
      "Expected sepal_width to be a number between 0 and 30 cm, got 0, which no petal or sepal has",
    ],
    ["6,3,30.1,1", "Expected petal_length to be a number between 0 and 30 cm, got 30.1"],
    ["6,3,4,1e1", 'Expected petal_width to be a number between 0 and 30 cm, got "1e1"'],
    ["6,3,4,0x10", 'Expected petal_width to be a number between 0 and 30 cm, got "0x10"'],
    ["6,3,4,Infinity", 'Expected petal_width to be a number between 0 and 30 cm, got "Infinity"'],
    [`6,3,4,${"9".repeat(400)}`, "Expected petal_width to be a number between 0 and 30 cm, got Infinity"],
    [`6,3,4,${"x".repeat(99)}`, "xxx... (101 characters)"],
  ])("%j is refused", (line, message) => {
    expect(messageOf(parseLine(line))).toContain(message);
  });

  test("a long run of blanks takes no quadratic time: a megabyte is answered at all", () => {
    expect(parseLine(`6,3,4,1${" ".repeat(1_000_000)}x`).ok).toBe(false);
  });
});

describe("a value that came as JSON", () => {
  test("further fields are allowed and dropped", () => {
    expect(parseMeasurements({ ...iris, colour: "blue" })).toEqual({ ok: true, value: iris });
  });

  test.each([
    [null, "got null"],
    [[6, 3, 4, 1], "Expected sepal_length"],
    ["6,3,4,1", 'got "6,3,4,1"'],
    [{ ...iris, petal_width: "1" }, 'Expected petal_width to be a number between 0 and 30 cm, got "1"'],
    [{ ...iris, petal_width: null }, "Expected petal_width to be a number between 0 and 30 cm, got null"],
    [{ sepal_length: 6 }, "Expected sepal_width to be a number between 0 and 30 cm, got nothing"],
    [
      { ...iris, sepal_width: Number.NaN },
      "Expected sepal_width to be a number between 0 and 30 cm, got NaN",
    ],
  ])("%j is refused", (value, message) => {
    expect(messageOf(parseMeasurements(value))).toContain(message);
  });
});

describe("whatever comes, the parsers answer with a value or with the one input error", () => {
  const isExpected = (parsed: Parsed<unknown>) => parsed.ok || parsed.error instanceof InputError;

  test("any line, and lines that look like numbers", () => {
    const number = fc.oneof(fc.double().map(String), fc.string({ maxLength: 3 }));
    const lines = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.array(number).map((list) => list.join(",")),
    );
    fc.assert(fc.property(lines, (line) => isExpected(parseLine(line))));
  });

  test("any list of texts", () => {
    fc.assert(fc.property(fc.array(fc.string()), (texts) => isExpected(parseFields(texts))));
  });

  test("any JSON value, and any value under the names of the fields", () => {
    const record = fc.record(Object.fromEntries(FIELDS.map((field) => [field, fc.anything()])));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), record), (value) =>
        isExpected(parseMeasurements(value)),
      ),
    );
    fc.assert(fc.property(fc.anything(), (value) => isExpected(parseAnswer(value))));
  });

  test("four lengths in decimal notation are read as they are", () => {
    const length = fc.integer({ min: 1, max: 3000 }).map((hundredths) => hundredths / 100);
    fc.assert(
      fc.property(fc.tuple(length, length, length, length), (lengths) => {
        const parsed = parseLine(lengths.join(", "));
        expect(parsed.ok && FIELDS.map((field) => parsed.value[field])).toEqual(lengths);
      }),
    );
  });
});

test("an answer is written the same way in every stage", () => {
  const probabilities = { setosa: 0, versicolor: 0.964, virginica: 0.036 };
  expect(formatAnswer({ iris_type: 1, species: "versicolor", probabilities })).toBe(
    "Iris type: 1 (versicolor, 96 %)",
  );
  expect(formatAnswer({ iris_type: 2 })).toBe("Iris type: 2 (virginica)");
});
