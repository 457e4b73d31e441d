/** Which tasks stage 5's workers did, and when, by the lines that they print with --verbose. */
import { setTimeout as sleep } from "node:timers/promises";
import { TASK_DONE } from "../harness/lines.ts";
import type { Line, Mark, Program } from "../harness/programs.ts";

export interface Task {
  id: string;
  /** In milliseconds. */
  start: number;
  end: number;
}

/** Each worker's tasks since its mark. */
export function tasksSince(workers: readonly Program[], marks: readonly Mark[]): Task[][] {
  return workers.map(({ lines }, index) => lines.slice(marks[index]).flatMap(readTask));
}

/**
 * How many different tasks were done since the marks. Waits at most 2 s for lines that are still on their
 * way.
 */
export async function countTasks(
  workers: readonly Program[],
  marks: readonly Mark[],
  expected: number,
): Promise<number> {
  const count = () => new Set(tasksSince(workers, marks).flatMap((tasks) => tasks.map(({ id }) => id))).size;
  for (let left = 40; left > 0 && count() < expected; left -= 1) await sleep(50);
  return count();
}

/**
 * Whether two workers worked at the same time: for more than half of a task, since a line may come late, and
 * then one that is over seems to last a little longer.
 */
export function haveOverlapped([first = [], ...others]: Task[][]): boolean {
  if (others.length === 0) return false;
  const isShared = first.some((one) =>
    others.flat().some((other) => {
      const shared = Math.min(one.end, other.end) - Math.max(one.start, other.start);
      return shared > Math.min(one.end - one.start, other.end - other.start) / 2;
    }),
  );
  return isShared || haveOverlapped(others);
}

function readTask({ text, at }: Line): Task[] {
  const [, id, , , milliseconds] = TASK_DONE.exec(text) ?? [];
  return id === undefined ? [] : [{ id, start: at - Number(milliseconds), end: at }];
}
