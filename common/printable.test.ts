import { expect, test } from "vitest";
import { printable, printableLines } from "./printable.ts";

test.each([
  ["\u001b[31mred", "\\u001b[31mred"],
  ["one\r\ntwo\tthree\0", "one\\r\\ntwo\\tthree\\u0000"],
  ["C1, which a terminal takes for ESC [: \u009b2J", "C1, which a terminal takes for ESC [: \\u009b2J"],
  ["\u202ereversed\u2028line", "\\u202ereversed\\u2028line"],
  ["versicolor, 96 % \\ é 花 🌸", "versicolor, 96 % \\ é 花 🌸"],
])("%j is shown as %s", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("a text of several lines keeps its line breaks", () => {
  expect(printableLines("one\ttwo\nthree\u001b[2J")).toBe("one\\ttwo\nthree\\u001b[2J");
});
