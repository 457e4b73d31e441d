/** Who worked when: a row a worker, a block a task. */
import type { Result } from "../common/messages.ts";

const WIDTH = 72;
/** Two shades in turn, so that a task is told from the next. */
const BLOCKS = ["█", "▓"];

/** Draws the results that say who made them and when; a worker in another language may not. */
export function drawTimeline(results: readonly Result[]): string {
  const tasks = results.flatMap(({ worker, started_at, duration_ms }) =>
    worker === undefined || started_at === undefined || duration_ms === undefined
      ? []
      : [{ worker, start: started_at, end: started_at + duration_ms }],
  );
  if (tasks.length === 0) return "";
  const begin = Math.min(...tasks.map(({ start }) => start));
  const end = Math.max(...tasks.map(({ end: finish }) => finish), begin + 1);
  const column = (time: number) => Math.min(WIDTH - 1, Math.floor(((time - begin) / (end - begin)) * WIDTH));

  const workers = [...new Set(tasks.map(({ worker }) => worker))].sort();
  const nameWidth = Math.max(...workers.map((worker) => worker.length));
  const rows = workers.map((worker) => {
    const cells = Array<string>(WIDTH).fill("·");
    const theirs = tasks.filter((task) => task.worker === worker).sort((a, b) => a.start - b.start);
    for (const [index, task] of theirs.entries()) {
      const last = Math.max(column(task.start), column(task.end) - 1);
      cells.fill(BLOCKS[index % 2] ?? "█", column(task.start), last + 1);
    }
    return `${worker.padEnd(nameWidth)} ${cells.join("")} ${theirs.length} tasks`;
  });
  return [
    ...rows,
    `${"".padEnd(nameWidth)} 0 s${`${((end - begin) / 1000).toFixed(1)} s`.padStart(WIDTH - 3)}`,
  ].join("\n");
}
