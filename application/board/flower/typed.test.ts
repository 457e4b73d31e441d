/** What is made of the four fields while somebody types. */
import { expect, test } from "vitest";
import { drawable, refusalInWords, toBody } from "./typed.js";

const TYPED = { sepal_length: "6", sepal_width: "3", petal_length: "4", petal_width: "1" };
const FLOWER = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

test("the drawing keeps the last length while something else is typed", () => {
  expect(drawable(TYPED, {})).toEqual(FLOWER);
  for (const text of ["six", "", "6,5", "-"])
    expect(drawable({ ...TYPED, sepal_length: text }, FLOWER)).toEqual(FLOWER);
  expect(toBody({ ...TYPED, sepal_length: "six" })).toEqual({ ...FLOWER, sepal_length: "six" });
});

test("a refusal names the field as its label does, and says what a decimal comma should be", () => {
  const message = 'Expected sepal_length to be a number between 0 and 30 cm, got "six"';
  expect(refusalInWords(message, "sepal_length", { ...TYPED, sepal_length: "six" })).toBe(
    'Expected sepal length to be a number between 0 and 30 cm, got "six"',
  );
  expect(refusalInWords("", "petal_width", { ...TYPED, petal_width: "1,5" })).toBe(
    "Expected petal width with a point: use 1.5, got 1,5",
  );
  expect(refusalInWords("The gateway does not answer.", undefined, TYPED)).toBe(
    "The gateway does not answer.",
  );
});
