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

test.each(["q", "quit", " EXIT "])("%s ends it while the other end of the pipe stays open", async (word) => {
  const app = start(APP);
  app.type(word);
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

/** Plays a person at a terminal of 80 columns. */
function onTerminal(...steps: Step[]) {
  return runOnTerminal([process.execPath, "--import", "tsx", APP], steps, {}, 80);
}
const PROMPT = "Sepal length, width, petal length, width in cm (q quits): ";

test.skipIf(!HAS_TERMINAL)(
  "on a terminal: asks, refuses, asks anew with an empty line, ends with q",
  async () => {
    const { exitCode, screen } = await onTerminal(
      ["quits): ", "-1,3,4,1\r"],
      ["got -1", ""],
      ["quits): ", "6,3,4,1\r"],
      ["96 %", ""],
      ["quits): ", "\r"],
      ["quits): ", "q\r"],
    );
    expect(screen.slice(1)).toEqual([
      `${PROMPT}-1,3,4,1`,
      "Expected sepal_length to be a number between 0 and 30 cm, got -1",
      `${PROMPT}6,3,4,1`,
      "Iris type: 1 (versicolor, 96 %)",
      PROMPT.trimEnd(),
      `${PROMPT}q`,
    ]);
    expect(exitCode).toBe(0);
  },
);

test.skipIf(!HAS_TERMINAL)(
  "on a terminal: lines pasted at once are answered one after the other",
  async () => {
    const { exitCode, screen } = await onTerminal([
      "quits): ",
      "6,3,4,1\r5 2.5 4.1 2\r-1,3,4,1\r5.1,3.5,1.4,0.2\rquit\r",
    ]);
    expect(screen.slice(1)).toEqual([
      `${PROMPT}6,3,4,1`,
      "Iris type: 1 (versicolor, 96 %)",
      `${PROMPT}5 2.5 4.1 2`,
      "Iris type: 2 (virginica, 56 %)",
      `${PROMPT}-1,3,4,1`,
      "Expected sepal_length to be a number between 0 and 30 cm, got -1",
      `${PROMPT}5.1,3.5,1.4,0.2`,
      "Iris type: 0 (setosa, 100 %)",
      `${PROMPT}quit`,
    ]);
    expect(exitCode).toBe(0);
  },
);

test.skipIf(!HAS_TERMINAL)("on a terminal: Up-arrow recalls an earlier line, a refused one too", async () => {
  const up = "\u001b[A";
  const { screen } = await onTerminal(
    ["quits): ", "6,3,4,1\r"],
    ["96 %", ""],
    ["quits): ", "-5.1,3.5,1.4,0.2\r"],
    ["got -5.1", ""],
    ["quits): ", `${up}${up}\r`],
    ["96 %", ""],
    ["quits): ", "exit\r"],
  );
  expect(screen.slice(-3)).toEqual([`${PROMPT}6,3,4,1`, "Iris type: 1 (versicolor, 96 %)", `${PROMPT}exit`]);
});

test.skipIf(!HAS_TERMINAL)("on a terminal: Ctrl-C ends quietly with 130, Ctrl-D like q", async () => {
  const interrupted = await onTerminal(["quits): ", "6,3\u0003"]);
  expect(interrupted.exitCode).toBe(130);
  expect(interrupted.screen.slice(1)).toEqual([`${PROMPT}6,3`]);
  const ended = await onTerminal(["quits): ", "\u0004"]);
  expect(ended.exitCode).toBe(0);
  expect(ended.screen.slice(1)).toEqual([PROMPT.trimEnd()]);
});
