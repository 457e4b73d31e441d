/**
 * `npm run verify` of a program that fails altogether: it crashes, hangs, prints without end, or leaves a
 * process.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../../tests/support/kafka_state.ts";
import { copyProject, type ProjectCopy } from "../../tests/support/project_copy.ts";
import { isAlive } from "../harness/owner.ts";
import { start } from "../harness/programs.ts";

const APP = "1_monolith_cli/app.ts";
/** Writes a process id to the file `pids` in the copy's folder. */
const note = (pid: string) =>
  `(await import("node:fs")).appendFileSync(${JSON.stringify(join(copy.root, "pids"))}, ${pid} + "\\n");\n`;
const notedPids = () => readFileSync(join(copy.root, "pids"), "utf8").trim().split("\n").map(Number);

let copy: ProjectCopy;
beforeEach(() => {
  copy = copyProject();
});
afterEach(() => copy.delete());

describe("a crash is told by the place in the student's file and the error's first line", () => {
  test.each<[name: string, text: string, place: "prepend" | "append", seen: RegExp]>([
    ["throws", 'throw new TypeError("oops\\nmore");', "append", /app\.ts:\d+: TypeError: oops$/],
    ["fails in a promise", 'Promise.reject(new Error("oops"));', "append", /app\.ts:\d+: Error: oops$/],
    ["throws no error", 'throw "oops";', "append", /thrown: oops$/],
    ["is no TypeScript", "const = 1;\n", "prepend", /app\.ts:1: ERROR: Expected identifier but found "="$/],
    [
      "imports what is not there",
      'import "./gone.ts";\n',
      "prepend",
      /Error: Cannot find module '1_monolith_cli\/gone.ts' imported from 1_monolith_cli\/app.ts$/,
    ],
  ])("it %s", async (_name, text, place, seen) => {
    copy[place](APP, text);
    const { exitCode, stdout, stderr, wrong } = await copy.verify(["1"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(wrong).toContain("as before: without --top the answer is one line, and --json one object");
    const crashes = stdout.split("\n").filter((line) => line.includes("it crashed: "));
    expect(crashes.length).toBeGreaterThan(0);
    for (const line of crashes) expect(line).toMatch(seen);
    expect(stdout).not.toMatch(/^\s*at |please report/m);
  });

  test("it is in a file that verify needs itself", async () => {
    copy.prepend("common/iris.ts", "const = 1;\n");
    const { exitCode, stdout, stderr } = await copy.verify(["1"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^A file of common\/ cannot be loaded\. common\/iris\.ts:1: ERROR: .*\n$/);
  });
});

test("a program that hangs is ended, and the requirements that need it are not run", async () => {
  copy.prepend(APP, `${note("process.pid")}for (;;);\n`);
  const { exitCode, stdout, wrong, notRun, verdict } = await copy.verify(["1", "--limit", "3"]);
  expect({ exitCode, verdict }).toEqual({ exitCode: 1, verdict: "0 of 7: not there yet" });
  expect(wrong).toHaveLength(1);
  expect(notRun).toHaveLength(6);
  expect(stdout).toContain("seen     it has not ended after 3 s\n");
  expect(stdout).toContain(`    not run: ${APP} did not end before\n`);
  const pids = notedPids();
  expect(pids).toHaveLength(1);
  await eventually(async () => !pids.some(isAlive));
});

test("a program that prints without end is ended at once, and its output is cut", async () => {
  copy.prepend(
    APP,
    'setInterval(() => process.stdout.write("x".repeat(1000)), 0);\nawait new Promise(() => {});\n',
  );
  const { stdout, wrong, notRun } = await copy.verify(["1", "--limit", "600"]);
  expect([wrong.length, notRun.length]).toEqual([1, 6]);
  expect(stdout).toMatch(/seen {5}it does not stop printing\n {13}x{300}\.\.\. \(\d+ characters\)\n/);
});

test("a process that the program leaves running is ended, and does not keep verify waiting", async () => {
  const child = 'spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" })';
  const lines = [
    'const { spawn } = await import("node:child_process");',
    `const child = ${child};`,
    "child.unref();",
  ];
  copy.prepend(APP, `${lines.join("\n")}\n${note("child.pid")}`);
  const { right, stdout } = await copy.verify(["1", "--limit", "600"]);
  expect(right, stdout).toContain("as before: without --top the answer is one line, and --json one object");
  const pids = notedPids();
  await eventually(async () => !pids.some(isAlive));
});

test("what a program prints is shown with its control characters escaped", async () => {
  copy.prepend(APP, 'process.stdout.write("\\u001b[2J\\0forged\\n");\n');
  const { stdout } = await copy.verify(["1"]);
  expect(stdout).toContain("\\u001b[2J\\u0000forged\n");
  expect(stdout).not.toMatch(/[^\n\P{Cc}]/u);
});

test("Ctrl-C: one line, no crosses, and nothing is left", async () => {
  copy.prepend(APP, `${note("process.pid")}setInterval(() => {}, 1000);\nawait new Promise(() => {});\n`);
  const verifying = start(join(copy.root, "lab/exercises/verify.ts"), ["1", "--limit", "600"]);
  await eventually(async () => existsSync(join(copy.root, "pids")));
  const { exitCode, stdout, stderr } = await verifying.stop("SIGINT");
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: expect.stringMatching(/^Stage 1: .*\n$/) });
  expect(stderr).toMatch(/^Interrupted: .*\n$/);
  const pids = notedPids();
  await eventually(async () => !pids.some(isAlive));
  expect(existsSync(join(copy.root, ".cache/verify/stage_1"))).toBe(false);
});
