/** What lines of workers, which may come late, tell about tasks that were done at the same time. */
import { expect, test } from "vitest";
import { haveOverlapped } from "./worker_tasks.ts";

const task = (start: number, end: number) => ({ id: `${start}`, start, end });

test.each([
  ["one after the other", [[task(0, 500), task(1000, 1500)], [task(505, 1005)]], false],
  ["one after the other, and a line came late", [[task(80, 580)], [task(505, 1005)]], false],
  ["at the same time", [[task(0, 500)], [task(500, 1000)], [task(30, 530)]], true],
  ["by one worker", [[task(0, 500), task(10, 510)], []], false],
])("%s", (_, tasks, isTrue) => {
  expect(haveOverlapped(tasks)).toBe(isTrue);
});
