import { expect, test } from "vitest";
import { colors } from "./colors.ts";

const terminal = { isTTY: true };

test("colours a terminal", () => {
  expect(colors(terminal, {}).red("no")).toBe("\u001b[31mno\u001b[39m");
});

test.each([
  ["what is no terminal, in CI as well", {}, { CI: "true", FORCE_COLOR: "1" }],
  ["with NO_COLOR", terminal, { NO_COLOR: "1" }],
  ["a terminal that has no colours", terminal, { TERM: "dumb" }],
])("does not colour: %s", (_, stream, env) => {
  expect(colors(stream, env).red("no")).toBe("no");
});
