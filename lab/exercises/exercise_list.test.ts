import { describe, expect, test } from "vitest";
import { freePort } from "../../kafka/ports.ts";
import { run } from "../harness/programs.ts";
import { listExercises, parseStage } from "./exercise_list.ts";

test.each([
  "1",
  "stage 1",
  "Stage_1",
  "stage1",
  "1_monolith_cli",
  "1_monolith_cli/",
  "./1_monolith_cli/app.ts",
  "C:\\iris\\1_monolith_cli",
])("%s is stage 1", (text) => {
  expect(parseStage(text.split(" "))).toBe(1);
});

test.each(["9", "three", "1 2", "-1", "1_monolith"])("%s is refused", (text) => {
  expect(() => parseStage(text.split(" "))).toThrow(
    /^Expected the exercise to be a stage from 0 to 5, or its folder/,
  );
});

describe("npm run verify", () => {
  const verify = (...args: string[]) => run("lab/exercises/verify.ts", args);

  test("without a stage lists the exercises, within 80 columns", async () => {
    const { exitCode, stdout, stderr } = await verify();
    expect({ exitCode, stderr, stdout }).toEqual({
      exitCode: 0,
      stderr: "",
      stdout: `${await listExercises()}\n`,
    });
    expect(stdout.match(/^ {2}npm run verify [0-5] {3}\S/gm)).toHaveLength(6);
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("a stage that is not there is one line, and exit code 2", async () => {
    const { exitCode, stdout, stderr } = await verify("9");
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^Expected the exercise .*, got "9": npm run verify lists them all\n$/);
  });

  test.each(["4", "5"])("stage %s without a Kafka says what is missing, in one line", async (stage) => {
    const env = { KAFKA_BROKERS: `localhost:${await freePort()}` };
    const { exitCode, stdout, stderr } = await run("lab/exercises/verify.ts", [stage], { env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^No Kafka answers at ${env.KAFKA_BROKERS}: start one .*\n$`));
  });
});
