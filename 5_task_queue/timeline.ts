/** Who worked when: a row a worker, a block a task, in the width that there is. */
import wrapAnsi from "wrap-ansi";
import type { Result } from "../common/messages.ts";
import { printable } from "../common/printable.ts";

/** Two shades in turn, so that a task is told from the next. */
const SHADES = ["█", "▓"] as const;
export const IDLE = "·";
const COUNT_HEAD = "tasks";
/**
 * A worker does one task after the other. But started_at is the time of day, which the system may set back
 * while a worker runs: then neighbours seem to overlap.
 */
const OVERLAP_MS = 100;

/** Milliseconds on any clock, the same for all. */
export interface Task {
  start: number;
  end: number;
}

/** How a picture is laid out: a column of names, the cells of the time axis, a column of counts. */
export interface Frame {
  nameWidth: number;
  cells: number;
  /** The cell that begins at a moment; as many as there are for the end. */
  cellOf(time: number): number;
  /** The border between two cells that is nearest to a moment. */
  borderOf(time: number): number;
}

/**
 * Lays out a picture of `width` columns for the time from `begin` to `end`. Long names get a third of the
 * width.
 */
export function layOut(names: readonly string[], begin: number, end: number, width: number): Frame {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  const nameWidth = Math.min(longest, Math.max(8, Math.floor(width / 3)));
  const cells = Math.max(1, width - nameWidth - COUNT_HEAD.length - 2);
  const place = (time: number) =>
    Math.min(cells, Math.max(0, ((time - begin) / Math.max(1, end - begin)) * cells));
  return {
    nameWidth,
    cells,
    cellOf: (time) => Math.floor(place(time)),
    borderOf: (time) => Math.round(place(time)),
  };
}

/** The cells of one worker: its tasks, and dots where it had none. */
export function paintTasks({ cells, cellOf, borderOf }: Frame, tasks: readonly Task[]): string[] {
  const row = Array<string>(cells).fill(IDLE);
  for (const [index, { start, end }] of tasks.entries()) {
    const first = Math.min(cells - 1, cellOf(start));
    // However short a task is, it is seen. A pause is, when it takes most of a cell.
    row.fill(SHADES[index % 2] ?? SHADES[0], first, Math.max(first + 1, borderOf(end)));
  }
  return row;
}

export function formatRow({ nameWidth }: Frame, name: string, cells: readonly string[], count = ""): string {
  const shownName = shorten(name, nameWidth).padEnd(nameWidth);
  return `${shownName} ${cells.join("")} ${count.padStart(COUNT_HEAD.length)}`;
}

/** The time axis below the rows. */
export function formatAxis(frame: Frame, milliseconds: number): string {
  const end = `${(milliseconds / 1000).toFixed(1)} s`;
  return formatRow(frame, "", [...`0 s${end.padStart(frame.cells - 3)}`], COUNT_HEAD);
}

/** Draws the results that say who made them and when; a worker in another language may not say so. */
export function drawTimeline(results: readonly Result[], width = process.stdout.columns ?? 80): string {
  const tasksOf = new Map<string, Task[]>();
  let [begin, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { worker, started_at, duration_ms } of results) {
    if (worker === undefined || started_at === undefined || duration_ms === undefined) continue;
    const task = { start: started_at, end: started_at + duration_ms };
    const name = printable(worker);
    const theirs = tasksOf.get(name);
    if (theirs === undefined) tasksOf.set(name, [task]);
    else theirs.push(task);
    begin = Math.min(begin, task.start);
    end = Math.max(end, task.end);
  }
  if (tasksOf.size === 0) return "";

  const shared: string[] = [];
  const rows = [...tasksOf].sort(byName).flatMap(([name, tasks]) => {
    const [first = [], ...others] = splitOverlaps(tasks);
    if (others.length > 0) shared.push(name);
    return [
      [name, first] as const,
      ...others.map((lane, index) => [`${name} (${index + 2})`, lane] as const),
    ];
  });
  const names = rows.map(([name]) => name);
  const frame = layOut(names, begin, end, width);
  const lines = rows.map(([name, tasks]) =>
    formatRow(frame, name, paintTasks(frame, tasks), `${tasks.length}`),
  );
  const warnings = shared.map((name) =>
    wrapAnsi(`${name} did two tasks at once: two workers? Give each its own --name.`, width, { hard: true }),
  );
  return [...lines, formatAxis(frame, end - begin), ...warnings].join("\n");
}

/** One list when no task overlaps the next; otherwise as many as it takes, in the order of time. */
function splitOverlaps(tasks: readonly Task[]): Task[][] {
  const lanes: Task[][] = [];
  for (const task of [...tasks].sort((a, b) => a.start - b.start)) {
    const free = lanes.find((lane) => (lane.at(-1)?.end ?? 0) <= task.start + OVERLAP_MS);
    if (free === undefined) lanes.push([task]);
    else free.push(task);
  }
  return lanes;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Leaves out the middle: host names begin alike, and process ids stand at the end. */
function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}
