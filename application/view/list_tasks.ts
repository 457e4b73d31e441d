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

/**
 * A place in the list: everything behind it is older, or came in the same millisecond and has a lower id. It
 * is the same in every view: a page may come from one gateway, and the next one from another.
 */
export type ListPlace = readonly [at: number, id: string];
const BY_TIME = "INDEXED BY task_at";
const NEWEST: ListPlace = [Number.MAX_SAFE_INTEGER, ""];

/**
 * The newest tasks that pass the filter, at most `limit`, behind `before`. `next` is the `before` of the next
 * page, if there may be one. However rare such tasks are among however many, the event loop is not held up.
 */
export async function listTasks(
  database: Database,
  filter: TaskFilter,
  limit: number,
  before: ListPlace = NEWEST,
): Promise<{ tasks: TaskRow[]; next?: ListPlace }> {
  const { conditions, values, index } = toConditions(database, filter);
  const read = (from: ListPlace, to: ListPlace | undefined, count: number) => {
    const since = to === undefined ? "" : "AND (at, id) >= (?, ?)";
    const sql = `SELECT * FROM task ${index} WHERE (at, id) < (?, ?) ${since} ${conditions}
      ORDER BY at DESC, id DESC LIMIT ?`;
    const rows = prepared(database, sql).all(...from, ...(to ?? []), ...values, count);
    return rows as unknown as TaskRow[];
  };
  const tasks: TaskRow[] = [];
  let from: ListPlace | undefined = before;
  while (from !== undefined) {
    // What an index leads to is so little that it is sorted at once.
    const to: ListPlace | undefined = index === BY_TIME ? placeBehind(database, from, STEP_ROWS) : undefined;
    tasks.push(...read(from, to, limit - tasks.length));
    const last = tasks.at(-1);
    if (last !== undefined && tasks.length >= limit) return { tasks, next: [last.at, last.id] };
    from = to;
    await nextTurn();
  }
  return { tasks };
}

/** So many rows further on; undefined behind the last one. */
function placeBehind(database: Database, from: ListPlace, rows: number): ListPlace | undefined {
  const sql = "SELECT at, id FROM task WHERE (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?";
  const row = prepared(database, sql).get(...from, rows - 1) as { at: number; id: string } | undefined;
  return row === undefined ? undefined : [row.at, row.id];
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
