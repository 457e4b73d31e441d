import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "iris-scripts-"));
  mkdirSync(join(root, "common"));
  for (const file of ["typescript.mjs", "node_version.mjs"]) {
    cpSync(join(import.meta.dirname, file), join(root, "common", file));
  }
  writeFileSync(join(root, "program.ts"), "const answer: number = 42;\nconsole.log(answer);\n");
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
});
afterEach(() => rmSync(root, { recursive: true }));

function runScript(...options: string[]) {
  const args = [...options, "--import", "./common/typescript.mjs", "program.ts"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr };
}

test("before npm ci an npm script says in one line what to do", () => {
  expect(runScript()).toEqual({
    status: 1,
    stdout: "",
    stderr: "The packages of this project are not installed yet. Install them: npm ci\n",
  });
});

test("on a Node that is too old it says that in one line", () => {
  const pretend = join(root, "pretend.cjs");
  writeFileSync(pretend, 'Object.defineProperty(process, "versions", { value: { node: "18.20.8" } });');
  expect(runScript("--require", pretend)).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^Expected Node 20\.19 or newer, got 18\.20\.8: .*\n$/),
  });
});

test.skipIf(!("typescript" in process.features))("Node runs TypeScript itself where it can", () => {
  // Nothing is in this folder that tsx could be loaded from.
  mkdirSync(join(root, "node_modules", "tsx"), { recursive: true });
  expect(runScript()).toEqual({ status: 0, stdout: "42\n", stderr: "" });
});
