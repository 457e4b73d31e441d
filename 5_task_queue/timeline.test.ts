import { expect, test } from "vitest";
import type { Result } from "../common/messages.ts";
import { drawTimeline } from "./timeline.ts";

/** A result of `worker` for a task that took from `start` to `end`, in milliseconds. */
function result(worker: string, start: number, end: number): Result {
  return {
    answer: { iris_type: 0 },
    worker,
    started_at: 1_700_000_000_000 + start,
    duration_ms: end - start,
  };
}

const three = [
  ...[0, 1000, 2000, 3000].map((start) => result("worker-1", start, start + 1000)),
  ...[0, 1000].map((start) => result("worker-2", start, start + 1000)),
  result("worker-10", 3000, 4000),
];

test.each([80, 39])("fits %i columns, and the names stay whole", (width) => {
  const lines = drawTimeline(three, width).split("\n");
  expect(lines.map((line) => line.length)).toEqual([width, width, width, width]);
  expect(lines.map((line) => line.trim().split(" ")[0])).toEqual(["worker-1", "worker-2", "worker-10", "0"]);
  expect(lines.at(-1)).toMatch(/^ +0 s +4\.0 s tasks$/);
});

test("a task is as long as it took, and a worker without one shows dots", () => {
  const [first, second, tenth] = drawTimeline(three, 56).split("\n");
  expect(first).toBe(`worker-1  ${"█".repeat(10)}${"▓".repeat(10)}${"█".repeat(10)}${"▓".repeat(10)}     4`);
  expect(second).toBe(`worker-2  ${"█".repeat(10)}${"▓".repeat(10)}${"·".repeat(20)}     2`);
  expect(tenth).toBe(`worker-10 ${"·".repeat(30)}${"█".repeat(10)}     1`);
});

test("the moment between two tasks is no pause", () => {
  const busy = [0, 1000, 2000].map((start) => result("w", start, start + 960));
  expect(drawTimeline(busy, 39)).not.toContain("·");
});

test("two workers with one name get a row each, and a warning", () => {
  const twins = [0, 1000].flatMap((start) => [
    result("w", start, start + 1000),
    result("w", start + 300, start + 1300),
  ]);
  const lines = drawTimeline(twins, 80).split("\n");
  expect(lines.map((line) => line.slice(0, 6))).toEqual(["w     ", "w (2) ", "      ", "w did "]);
  expect(lines[0]).toMatch(/ 2$/);
  expect(lines[1]).toMatch(/ 2$/);
  expect(lines[3]).toContain("--name");
  for (const line of drawTimeline(twins, 39).split("\n")) expect(line.length).toBeLessThanOrEqual(39);
});

test.each([1, 60])("tasks that seem to overlap by %i ms are one worker's", (milliseconds) => {
  const tasks = [result("w", 0, 100), result("w", 100 - milliseconds, 200)];
  expect(drawTimeline(tasks, 39)).not.toContain("(2)");
});

test("a long name keeps its end, where the process id stands", () => {
  const [row] = drawTimeline([result("DESKTOP-4F5G6H7J8K9L.example.org:4711", 0, 10)], 39).split("\n");
  expect(row).toMatch(/^DESKTO…\S*:4711 /);
  expect(row?.length).toBe(39);
});

test("a name cannot move the cursor", () => {
  expect(drawTimeline([result("a\u001b[2J\nb", 0, 10)], 80)).not.toContain("\u001b");
});

test("200,000 results are drawn", () => {
  const many = Array.from({ length: 200_000 }, (_, index) => result("w", index, index + 1));
  expect(drawTimeline(many, 80)).toMatch(/ 200000$/m);
});

test("results that do not say who made them give no picture", () => {
  expect(drawTimeline([{ answer: { iris_type: 1 } }], 80)).toBe("");
});
