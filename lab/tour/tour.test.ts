/** The tour where it needs no Kafka: what it refuses, and what is left of it when it is interrupted. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CTRL_C, HANG_UP, HAS_TERMINAL, runOnTerminal } from "../../tests/support/terminal.ts";
import { isAlive } from "../harness/owner.ts";
import { ROOT, run, start } from "../harness/programs.ts";

const TOUR = "lab/tour/tour.ts";
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-own-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(process.platform === "win32")("interrupted", () => {
  test.each([
    ["SIGINT", "0", /^Run it yourself/],
    ["SIGHUP", "2", /app +Iris type/],
    ["SIGTERM", "3", /serves on/],
    ["SIGHUP", "3", /client-1 +\$ npx/],
    ["SIGINT", "3", /503: The server/],
  ] as const)("by %s in stage %s at %s: one line, and nothing is left", async (signal, stage, event) => {
    const tour = start(TOUR, ["--stage", stage]);
    await tour.waitForLine((text) => event.test(text), `that matches ${event}`);
    const { exitCode, stdout, stderr } = await tour.stop(signal);
    expect(stderr).toBe("Interrupted: cleaning up\n");
    expect(exitCode).toBe(130);
    expect(stdout).not.toMatch(/✗|Stage 4|Try next/);
    expect(readdirSync(tmpdir()).filter((name) => name.includes(`-${tour.pid}-`))).toEqual([]);
    for (const [, pid] of stdout.matchAll(/\(pid (\d+)/g)) expect(isAlive(Number(pid))).toBe(false);
  });

  test("by a signal that npm passes on, so that it comes twice: it still cleans up", async () => {
    const tour = start(TOUR, ["--stage", "3"]);
    await tour.waitFor(/serves on/);
    void tour.stop("SIGINT");
    const { exitCode, stderr } = await tour.stop("SIGINT");
    expect(stderr).toBe("Interrupted: cleaning up\n");
    expect(exitCode).toBe(130);
    expect(readdirSync(tmpdir()).filter((name) => name.includes(`-${tour.pid}-`))).toEqual([]);
  });
});

describe.skipIf(!HAS_TERMINAL)("on a terminal", () => {
  const argv = [process.execPath, "--import", "tsx", TOUR];
  /** A folder for temporary files that nobody else uses. */
  const ownTemporary = () => mkdtempSync(join(folder, "tmp-"));

  test.each([
    ["before the first stage", "Press Enter", ["--pause"]],
    ["while a server starts", "server.ts", ["--stage", "3"]],
    ["while clients ask", "client-2", ["--stage", "3"]],
  ])("Ctrl-C %s: one line and silence", async (_, event, args) => {
    const TMPDIR = ownTemporary();
    const { exitCode, text } = await runOnTerminal([...argv, ...args], [[event, CTRL_C]], { TMPDIR });
    // A line that was being printed when the key was pressed may stand before it.
    expect(text).toMatch(/Interrupted: cleaning up$/);
    expect(exitCode).toBe(130);
    expect(readdirSync(TMPDIR).filter((name) => name.startsWith("iris-"))).toEqual([]);
  });

  test("its window is closed: nothing is left", async () => {
    const TMPDIR = ownTemporary();
    const { text } = await runOnTerminal([...argv, "--stage", "3"], [["client-2", HANG_UP]], { TMPDIR });
    expect(readdirSync(TMPDIR).filter((name) => name.startsWith("iris-"))).toEqual([]);
    const [, pid] = /\(pid (\d+)/.exec(text) ?? [];
    expect(isAlive(Number(pid))).toBe(false);
  });

  test("of 39 columns, as three side by side have: no line is wider", async () => {
    const { text } = await runOnTerminal([...argv, "--stage", "3"], [], {}, 39);
    expect(text).toContain("3 server");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(39);
  });
});

test("a reader that has seen enough closes the pipe: nothing is left", async () => {
  const TMPDIR = mkdtempSync(join(folder, "tmp-"));
  const command = `"${process.execPath}" --import tsx ${TOUR} --stage 3 | head -2`;
  const { exitCode, stderr } = await execa("sh", ["-c", command], { cwd: ROOT, env: { TMPDIR } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "Interrupted: cleaning up" });
  expect(readdirSync(TMPDIR).filter((name) => name.startsWith("iris-"))).toEqual([]);
});

test.skipIf(process.platform === "win32")("a crash leaves a folder, which the next run removes", async () => {
  const crashed = start(TOUR, ["--stage", "3"]);
  const [, pid] = await crashed.waitFor(/serves on .*\(pid (\d+)/);
  await crashed.kill();
  const left = () => readdirSync(tmpdir()).filter((name) => name.includes(`-${crashed.pid}-`));
  expect(left()).toHaveLength(1);
  const next = await run(TOUR, ["--stage", "1"]);
  expect(next.stdout).toContain("Removed what an earlier run had to leave");
  expect(left()).toEqual([]);
  // The server finishes its open requests first. The time limit of the test is the assertion.
  while (isAlive(Number(pid))) await sleep(20);
});

test("a stage of its own ends with its row, and fits 80 columns", async () => {
  const { exitCode, stdout } = await run(TOUR, ["--stage", "3"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/3 server +●●●×{21} {2}3 answered, 21 refused/);
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("one's own measurements: bad rows are named, the good ones are asked", async () => {
  const file = join(folder, "mine.csv");
  writeFileSync(file, "petal_width,petal_length,sepal_width,sepal_length\n0.2,1.4,3.5,5.1\n0.2,x,3.5,5.1\n");
  const { exitCode, stdout, stderr } = await run(TOUR, ["--stage", "1", "--file", file]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Iris type: 0 (setosa, 100 %)");
  expect(stderr).toContain(`${file}:3: Expected petal_length to be a number between 0 and 30 cm, got "x"`);
  const none = await run(TOUR, ["--file", join(folder, "none.csv")]);
  expect(none).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^Cannot read .*none\.csv: ENOENT\n$/),
  });
});

test("--pause waits for Enter before each stage", async () => {
  const tour = start(TOUR, ["--stage", "1", "--pause"]);
  tour.type("");
  expect(await tour.exited).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("Press Enter for stage 1"),
  });
});

test("--stage 6 is refused", async () => {
  expect(await run(TOUR, ["--stage", "6"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("Expected a whole number from 0 to 5"),
  });
});
