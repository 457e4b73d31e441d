/** Lists of tasks, newest first. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { SPECIES, type Species } from "../../common/iris.ts";
import type { Database } from "../../common/sqlite.ts";
import { prepared } from "./queries.ts";
import { FIRST_FINAL, STATUSES, type Status, type TaskRow } from "./schema.ts";

export interface TaskFilter {
  status?: Status | undefined;
  worker?: string | undefined;
  species?: Species | undefined;
}

/** A step through so many rows takes 4 ms; between two steps the event loop does other work. */
const STEP_ROWS = 4000;
/** So many rows that match are sorted at once. */
const FEW = 2000;

/** A place in the list: everything behind it is older. */
type Place = readonly [at: number, seq: number];
const BY_TIME = "INDEXED BY task_at";
const NEWEST: Place = [Number.MAX_SAFE_INTEGER, 0];

/**
 * The newest tasks that pass the filter, at most `limit`, behind the task whose seq is `before`. `next` is
 * the `before` of the next page, if there may be one. However rare such tasks are among however many, the
 * event loop is not held up.
 */
export async function listTasks(
  database: Database,
  filter: TaskFilter,
  limit: number,
  before?: number,
): Promise<{ tasks: TaskRow[]; next?: number }> {
  const { conditions, values, index } = toConditions(database, filter);
  const read = (from: Place, to: Place | undefined, count: number) => {
    const since = to === undefined ? "" : "AND (at, seq) >= (?, ?)";
    const sql = `SELECT * FROM task ${index} WHERE (at, seq) < (?, ?) ${since} ${conditions}
      ORDER BY at DESC, seq DESC LIMIT ?`;
    const rows = prepared(database, sql).all(...from, ...(to ?? []), ...values, count);
    return rows as unknown as TaskRow[];
  };
  const tasks: TaskRow[] = [];
  let from: Place | undefined = before === undefined ? NEWEST : placeOf(database, before);
  while (from !== undefined) {
    // What an index leads to is so little that it is sorted at once.
    const to = index === BY_TIME ? placeBehind(database, from, STEP_ROWS) : undefined;
    tasks.push(...read(from, to, limit - tasks.length));
    if (tasks.length >= limit) return { tasks, next: tasks.at(-1)?.seq ?? 0 };
    from = to;
    await nextTurn();
  }
  return { tasks };
}

/** Of the task with this seq; of its neighbour, if it was forgotten meanwhile. */
function placeOf(database: Database, seq: number): Place | undefined {
  const sql = "SELECT at, seq FROM task WHERE seq <= ? ORDER BY seq DESC LIMIT 1";
  const row = prepared(database, sql).get(seq) as { at: number; seq: number } | undefined;
  if (row === undefined) return undefined;
  return row.seq === seq ? [row.at, seq] : [row.at, row.seq + 1];
}

/** So many rows further on; undefined behind the last one. */
function placeBehind(database: Database, from: Place, rows: number): Place | undefined {
  const sql = `SELECT at, seq FROM task WHERE (at, seq) < (?, ?) ORDER BY at DESC, seq DESC LIMIT 1 OFFSET ?`;
  const row = prepared(database, sql).get(...from, rows - 1) as { at: number; seq: number } | undefined;
  return row === undefined ? undefined : [row.at, row.seq];
}

function toConditions(database: Database, { status, worker, species }: TaskFilter) {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  let index = BY_TIME;
  if (status !== undefined) {
    const number = STATUSES.indexOf(status);
    // As numbers in the text: so SQLite sees that an index of these statuses alone will do.
    conditions.push(`AND status = ${number}`);
    if (number > FIRST_FINAL) {
      conditions.push(`AND status > ${FIRST_FINAL}`);
      index = "INDEXED BY task_odd";
    } else if (number < FIRST_FINAL && countOpen(database) <= FEW) {
      conditions.push(`AND status < ${FIRST_FINAL}`);
      index = "INDEXED BY task_open";
    }
  }
  if (worker !== undefined) {
    conditions.push("AND worker = ?");
    values.push(worker);
  }
  if (species !== undefined) {
    conditions.push("AND iris_type = ?");
    values.push(SPECIES.indexOf(species));
  }
  return { conditions: conditions.join(" "), values, index };
}

/** How many tasks are not finished; counts no further than it has to. */
function countOpen(database: Database): number {
  const some = `SELECT 1 FROM task WHERE status < ${FIRST_FINAL} LIMIT ${FEW + 1}`;
  const sql = `SELECT count(*) AS count FROM (${some})`;
  return (prepared(database, sql).get() as { count: number }).count;
}
