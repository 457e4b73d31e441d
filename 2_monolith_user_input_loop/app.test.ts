import { expect, test } from "vitest";
import { run, start } from "../lab/harness/programs.ts";
import { HAS_TERMINAL, runOnTerminal, type Step } from "../tests/support/terminal.ts";

const APP = "2_monolith_user_input_loop/app.ts";

test("answers line after line until q, and loads the model once", async () => {
  const { exitCode, stdout, stderr } = await run(APP, [], {
    input: "6,3,4,1\n5 2.5 4.1 2\nq\n5.1,3.5,1.4,0.2\n",
  });
  expect(exitCode).toBe(0);
  expect(stdout).toBe("Iris type: 1 (versicolor, 96 %)\nIris type: 2 (virginica, 56 %)\n");
  expect(stderr).toMatch(/^Model [0-9a-f]{12} loaded once, in \d+\.\d ms\n$/);
});

test("q ends it while the other end of the pipe stays open", async () => {
  const app = start(APP);
  app.type("q");
  expect(await app.exited).toMatchObject({ exitCode: 0, stdout: "" });
});

test("end of input ends like q, with or without a last newline", async () => {
  expect(await run(APP, [], { input: "6,3,4,1" })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^Iris/),
  });
  expect(await run(APP, [], { input: "" })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("a bad line is reported and skipped", async () => {
  const { exitCode, stdout, stderr } = await run(APP, [], { input: "6,3,4,1\n-1,3,4,1\nhello\n6,3,4,1\n" });
  expect(exitCode).toBe(0);
  expect(stdout).toBe("Iris type: 1 (versicolor, 96 %)\n".repeat(2));
  expect(stderr).toContain(
    "Line 2 skipped: Expected sepal_length to be a number between 0 and 30 cm, got -1",
  );
  expect(stderr).toContain(
    'Line 3 skipped: Expected sepal_length to be a number between 0 and 30 cm, got "hello"',
  );
});

test("none of 5,000 lines is lost", async () => {
  const { stdout } = await run(APP, [], { input: "6,3,4,1\n".repeat(5000) });
  expect(stdout).toBe("Iris type: 1 (versicolor, 96 %)\n".repeat(5000));
});

test("answers a line before the next one comes", async () => {
  const app = start(APP);
  app.type("6,3,4,1");
  await app.waitFor(/^Iris type: 1/);
  app.type("5.1,3.5,1.4,0.2");
  await app.waitFor(/^Iris type: 0/);
  app.endInput();
  expect(await app.exited).toMatchObject({ exitCode: 0 });
});

/** Plays a person at a terminal. */
function onTerminal(...steps: Step[]) {
  return runOnTerminal([process.execPath, "--import", "tsx", APP], steps);
}

test.skipIf(!HAS_TERMINAL)("on a terminal: asks, refuses in place, answers, ends with q", async () => {
  const eraseLine = "\u0015";
  const { exitCode, text } = await onTerminal(
    ["quit)", "-1,3,4,1\r"],
    ["got -1", eraseLine],
    ["quit)", "6,3,4,1\r"],
    ["96 %", ""],
    ["quit)", "q\r"],
  );
  expect(text).toContain("Expected sepal_length to be a number between 0 and 30 cm, got -1");
  expect(text).toContain("Iris type: 1 (versicolor, 96 %)");
  expect(exitCode).toBe(0);
});

test.skipIf(!HAS_TERMINAL)("on a terminal: Ctrl-C ends quietly with 130, Ctrl-D like q", async () => {
  const interrupted = await onTerminal(["quit)", "\u0003"]);
  expect(interrupted.exitCode).toBe(130);
  expect(interrupted.text).not.toMatch(/Error|\bat /);
  const ended = await onTerminal(["quit)", "\u0004"]);
  expect(ended.exitCode).toBe(0);
  expect(ended.text).not.toMatch(/Error|\bat /);
});
