import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { isAbandoned, ownName } from "./owner.ts";

/** The name that a process made which has ended by now. */
function nameOfEndedProcess(): string {
  const script = `const { ownName } = await import("./lab/harness/owner.ts"); console.log(ownName("demo"));`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", script];
  return spawnSync(process.execPath, args, { encoding: "utf8" }).stdout.trim();
}

test("what a running process made is not abandoned, what an ended one made is", () => {
  const ended = nameOfEndedProcess();
  expect(ended).toMatch(/^demo-/);
  expect(isAbandoned(`anna-${ended}tasks`)).toBe(true);
  expect(isAbandoned(`${ownName("demo")}tasks`)).toBe(false);
});

test("two names of one process differ", () => {
  const names = Array.from({ length: 20 }, () => ownName("test"));
  expect(new Set(names).size).toBe(names.length);
});

test.each(["tasks", "demo-tasks", "demo-1a2b3c4d-tasks", "anna-results", `demo-${hostname()}-1-`])(
  "%s belongs to a class and is not abandoned",
  (name) => {
    expect(isAbandoned(name)).toBe(false);
  },
);

test("another machine's name is left alone, until it is a week old", () => {
  const at = (secondsAgo: number) => Math.floor(Date.now() / 1000 - secondsAgo).toString(36);
  expect(isAbandoned(`demo-00000000-1-${at(60)}-7f3a-tasks`)).toBe(false);
  expect(isAbandoned(`demo-00000000-1-${at(8 * 24 * 3600)}-7f3a-tasks`)).toBe(true);
});
