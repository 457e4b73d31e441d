/**
 * The picture of a story in several acts: who worked when, on one time axis, so that their lengths compare.
 */
import wrapAnsi from "wrap-ansi";
import {
  type Frame,
  formatAxis,
  formatRow,
  layOut,
  paintTasks,
  type Task,
} from "../../5_task_queue/timeline.ts";

/** Times are milliseconds on the clock of performance.now(). */
export interface Act {
  title: string;
  /** When the first task began, and when the last one was done. */
  start: number;
  end: number;
  workers: readonly ActWorker[];
  /** When a worker was told its partitions anew. */
  rebalances: readonly number[];
}

export interface ActWorker {
  name: string;
  tasks: readonly Task[];
  /** When it was killed, and when others had its partitions. */
  killed?: { at: number; ownedAgainAt: number };
}

const CUT_OFF = "▒";
const KILLED = "×";
const NO_OWNER = "░";
const REBALANCE = "▲";
const LEGEND = [
  "█▓ a task",
  "· idle",
  `${KILLED} killed`,
  `${CUT_OFF} the task cut off`,
  `${NO_OWNER} partitions without an owner`,
  `${REBALANCE} rebalance`,
].join(", ");

/** Draws the acts below each other. All of them begin at 0 s. */
export function drawActs(acts: readonly Act[], width: number): string {
  const longest = acts.reduce((most, { start, end }) => Math.max(most, end - start), 0);
  const names = acts.flatMap(({ workers }) => workers.map(({ name }) => name));
  const frame = layOut([...names, "rebalance"], 0, longest, width);
  const pictures = acts.map((act) => [wrapAnsi(act.title, width), ...drawAct(act, frame)].join("\n"));
  return [...pictures, formatAxis(frame, longest), wrapAnsi(LEGEND, width)].join("\n");
}

function drawAct({ start, end, workers, rebalances }: Act, frame: Frame): string[] {
  const lastCell = frame.cellOf(end - start);
  const rows = workers.map(({ name, tasks, killed }) => {
    const cells = paintTasks(
      frame,
      tasks.map((task) => ({ start: task.start - start, end: task.end - start })),
    );
    // After the act nobody is idle.
    cells.fill(" ", lastCell);
    if (killed !== undefined) paintDeath(cells, frame, start, tasks, killed);
    return formatRow(frame, name, cells, `${tasks.length}`);
  });
  const marks = Array<string>(frame.cells).fill(" ");
  const seen = rebalances.filter((time) => time >= start && time <= end);
  for (const time of seen) marks[Math.min(frame.cells - 1, frame.cellOf(time - start))] = REBALANCE;
  return seen.length === 0 ? rows : [...rows, formatRow(frame, "rebalance", marks).trimEnd()];
}

/**
 * From its last answer on a killed worker was at a task; then it is dead, and nobody has its partitions for a
 * while.
 */
function paintDeath(
  cells: string[],
  frame: Frame,
  start: number,
  tasks: readonly Task[],
  { at, ownedAgainAt }: { at: number; ownedAgainAt: number },
): void {
  const death = Math.min(frame.cells - 1, frame.cellOf(at - start));
  const lastAnswer = Math.min(death, frame.cellOf((tasks.at(-1)?.end ?? start) - start));
  cells.fill(CUT_OFF, lastAnswer, death);
  cells.fill(" ", death);
  cells.fill(NO_OWNER, death, frame.cellOf(ownedAgainAt - start));
  cells[death] = KILLED;
}
