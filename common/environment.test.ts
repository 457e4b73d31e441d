import { expect, test } from "vitest";
import { trueOrFalse, wholeNumber } from "./cli.ts";
import { invalidVariable, readVariable } from "./environment.ts";

test.each([{}, { NAME: "" }, { NAME: undefined }])("%j has no value", (env) => {
  expect(readVariable(env, "NAME")).toBeUndefined();
  expect(readVariable(env, "NAME", wholeNumber(1))).toBeUndefined();
});

test("a variable is read by a parser", () => {
  expect(readVariable({ NAME: " text " }, "NAME")).toBe(" text ");
  expect(readVariable({ NAME: "3" }, "NAME", wholeNumber(1))).toBe(3);
  for (const text of ["true", "TRUE", "1"])
    expect(readVariable({ NAME: text }, "NAME", trueOrFalse)).toBe(true);
  for (const text of ["false", "False", "0"])
    expect(readVariable({ NAME: text }, "NAME", trueOrFalse)).toBe(false);
});

test("a wrong value is refused by the variable's name, with its cause", () => {
  expect(() => readVariable({ THREADS: "-1\u001b[2J" }, "THREADS", wholeNumber(0, 256))).toThrow(
    expect.objectContaining({
      message:
        'Expected the environment variable THREADS to be a whole number from 0 to 256, got "-1\\u001b[2J"',
      exitCode: 2,
      kind: "invalid_variable",
      cause: expect.objectContaining({ message: "Expected a whole number from 0 to 256." }),
    }),
  );
  expect(() => readVariable({ KAFKA_SSL: "yes" }, "KAFKA_SSL", trueOrFalse)).toThrow(
    'Expected the environment variable KAFKA_SSL to be true, false, 1 or 0, got "yes"',
  );
});

test("nothing is called nothing", () => {
  expect(invalidVariable("KAFKA_SASL_PASSWORD", "a password", "").message).toBe(
    "Expected the environment variable KAFKA_SASL_PASSWORD to be a password, got nothing",
  );
});

test("an error of the parser itself is not taken for a refusal", () => {
  const broken = () => {
    throw new TypeError("a fault of ours");
  };
  expect(() => readVariable({ NAME: "x" }, "NAME", broken)).toThrow(TypeError);
});
