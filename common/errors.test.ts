import { expect, test } from "vitest";
import { InputError, ProgramError } from "./errors.ts";

test("a ProgramError has a cause, a kind, a fix, and the exit code 1 unless it says otherwise", () => {
  const cause = new Error("The cause");
  const error = new ProgramError("A fault", { cause, kind: "unreachable", fix: "npm run kafka" });
  expect(error).toMatchObject({ message: "A fault", cause, kind: "unreachable", fix: "npm run kafka" });
  expect(error.exitCode).toBe(1);
  expect(new ProgramError("A fault")).toMatchObject({ kind: undefined, fix: undefined });
});

test("an InputError says what was expected and what came, and has the exit code of wrong usage", () => {
  const cause = new SyntaxError("Unexpected token");
  expect(new InputError("petal_width", "a number", '"abc"', { cause })).toMatchObject({
    message: 'Expected petal_width to be a number, got "abc"',
    field: "petal_width",
    expected: "a number",
    got: '"abc"',
    kind: "invalid_input",
    exitCode: 2,
    cause,
  });
});

test("an InputError shows what came without control characters", () => {
  const { message, got } = new InputError("the line", "four numbers", '"\u009b2J\u202e\n"');
  expect(got).toBe('"\\u009b2J\\u202e\\n"');
  expect(message).toBe('Expected the line to be four numbers, got "\\u009b2J\\u202e\\n"');
});
