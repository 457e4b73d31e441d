/** Lists of tasks, newest first. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { SPECIES, type Species } from "../../common/iris.ts";
import type { Database } from "../../common/sqlite.ts";
import { prepared } from "./queries.ts";
import { STATUSES, type Status, type TaskRow } from "./schema.ts";

export interface TaskFilter {
  status?: Status | undefined;
  worker?: string | undefined;
  species?: Species | undefined;
}

/** A step through the rows takes about so long; between two steps the event loop does other work. */
const STEP_MS = 4;
const FIRST_STEP_ROWS = 2000;

/**
 * The newest tasks that pass the filter, at most `limit`, all with a lower seq than `before`. `next` is the
 * `before` of the next page, if there may be one. However rare such tasks are among however many, the event
 * loop is not held up.
 */
export async function listTasks(
  database: Database,
  filter: TaskFilter,
  limit: number,
  before = Number.MAX_SAFE_INTEGER,
): Promise<{ tasks: TaskRow[]; next?: number }> {
  const { conditions, values } = toConditions(filter);
  const step = prepared(
    database,
    `SELECT * FROM task WHERE seq < ? AND seq >= ? ${conditions} ORDER BY seq DESC LIMIT ?`,
  );
  const first = prepared(database, "SELECT min(seq) AS seq FROM task").get() as { seq: number | null };
  const last = prepared(database, "SELECT max(seq) AS seq FROM task").get() as { seq: number | null };
  const tasks: TaskRow[] = [];
  let end = Math.min(before, (last.seq ?? 0) + 1);
  for (let rows = FIRST_STEP_ROWS; end > (first.seq ?? 0); ) {
    const start = performance.now();
    const found = step.all(end, end - rows, ...values, limit - tasks.length) as unknown as TaskRow[];
    tasks.push(...found);
    if (tasks.length >= limit) return { tasks, next: tasks.at(-1)?.seq ?? 0 };
    end -= rows;
    rows = Math.max(200, Math.round(rows * Math.min(4, STEP_MS / (performance.now() - start))));
    await nextTurn();
  }
  return { tasks };
}

function toConditions({ status, worker, species }: TaskFilter) {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  // As a number in the text: so SQLite sees that an index of some statuses alone will do.
  if (status !== undefined) conditions.push(`AND status = ${STATUSES.indexOf(status)}`);
  if (worker !== undefined) {
    conditions.push("AND worker = ?");
    values.push(worker);
  }
  if (species !== undefined) {
    conditions.push("AND iris_type = ?");
    values.push(SPECIES.indexOf(species));
  }
  return { conditions: conditions.join(" "), values };
}
