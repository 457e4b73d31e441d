/** Questions to the view's database, for all who read it. */

import { SPECIES, type Species } from "../../common/iris.ts";
import type { Database } from "../../common/sqlite.ts";
import { STATUSES, type Status, type TaskRow } from "./schema.ts";
import type { ReadTopic } from "./types.ts";

type Statement = ReturnType<Database["prepare"]>;
const statements = new WeakMap<Database, Map<string, Statement>>();

/** The statement of this text, prepared once for each database. */
export function prepared(database: Database, sql: string): Statement {
  const known = statements.get(database) ?? new Map<string, Statement>();
  statements.set(database, known);
  const statement = known.get(sql) ?? database.prepare(sql);
  known.set(sql, statement);
  return statement;
}

/** The task of this id, as far as the view knows. */
export function findTask(database: Database, id: string): TaskRow | undefined {
  return prepared(database, "SELECT * FROM task WHERE id = ?").get(id) as TaskRow | undefined;
}

/** Whether there was a task of this id that is no longer kept. */
export function isForgotten(database: Database, id: string): boolean {
  return prepared(database, "SELECT 1 FROM forgotten WHERE id = ?").get(id) !== undefined;
}

/** What happened to a task. SET_ASIDE: a worker could not read it; LATE: an answer that did not count. */
export interface Transition {
  kind: Status | "CANCEL_REQUESTED" | "SET_ASIDE" | "LATE";
  /** Milliseconds since 1970. */
  at: number;
  /** The message that says so. */
  topic: ReadTopic;
  partition: number;
  offset: number;
  worker?: string;
  /** Of an answer, also of a late one. */
  outcome?: Species | "FAILED" | "CANCELLED";
}

/** What comes first of that which happened in the same millisecond. */
const RANKS: Readonly<Record<Transition["kind"], number>> = {
  ...{ PENDING: 0, STARTED: 1, CANCEL_REQUESTED: 2 },
  ...{ SUCCESS: 3, FAILED: 3, CANCELLED: 3, SET_ASIDE: 3, LATE: 4 },
};

/** All transitions of a task, in the order of their times. */
export function taskHistory(database: Database, id: string): Transition[] {
  const row = findTask(database, id);
  const transitions = [...eventsOf(database, id), ...lateOf(database, id)];
  if (row !== undefined) transitions.push(...transitionsOf(row, transitions), ...letterOf(database, row));
  return transitions.sort((a, b) => a.at - b.at || RANKS[a.kind] - RANKS[b.kind]);
}

function transitionsOf(row: TaskRow, known: Transition[]): Transition[] {
  const { partition, offset, accepted_at, started_at, ended_at, result_offset, status, iris_type } = row;
  const transitions: Transition[] = [];
  const by = row.worker === null ? {} : { worker: row.worker };
  if (partition !== null && offset !== null && accepted_at !== null)
    transitions.push({ kind: "PENDING", at: accepted_at, topic: "tasks", partition, offset });
  if (ended_at === null || result_offset === null) return transitions;
  const place = { topic: "results" as const, partition: 0, offset: result_offset };
  // Short tasks are not announced: only the result tells when they were begun.
  const isAnnounced = known.some(({ kind }) => kind === "STARTED");
  if (started_at !== null && !isAnnounced)
    transitions.push({ kind: "STARTED", at: started_at, ...place, ...by });
  const kind = STATUSES[status] ?? "FAILED";
  const outcome = iris_type === null ? (kind as "FAILED" | "CANCELLED") : SPECIES[iris_type];
  transitions.push({ kind, at: ended_at, ...place, ...by, outcome });
  return transitions;
}

function eventsOf(database: Database, id: string): Transition[] {
  const sql = 'SELECT "offset", kind, at, worker FROM task_event WHERE id = ? ORDER BY "offset"';
  const rows = prepared(database, sql).all(id) as {
    offset: number;
    kind: number;
    at: number;
    worker: string | null;
  }[];
  return rows.map(({ offset, kind, at, worker }) => ({
    kind: kind === 1 ? "STARTED" : "CANCEL_REQUESTED",
    at,
    topic: "events",
    partition: 0,
    offset,
    ...(worker === null ? {} : { worker }),
  }));
}

function lateOf(database: Database, id: string): Transition[] {
  const sql = 'SELECT "offset", at, worker, outcome FROM late_result WHERE id = ? ORDER BY "offset"';
  const rows = prepared(database, sql).all(id) as {
    offset: number;
    at: number;
    worker: string | null;
    outcome: NonNullable<Transition["outcome"]>;
  }[];
  return rows.map(({ offset, at, worker, outcome }) => ({
    kind: "LATE",
    at,
    topic: "results",
    partition: 0,
    offset,
    outcome,
    ...(worker === null ? {} : { worker }),
  }));
}

function letterOf(database: Database, { partition, offset, status, result_offset }: TaskRow): Transition[] {
  const sql = `SELECT partition, "offset", at FROM dead_letter
    WHERE original_partition = ? AND original_offset = ? ORDER BY partition, "offset" LIMIT 1`;
  const letter = prepared(database, sql).get(partition, offset) as
    | { partition: number; offset: number; at: number }
    | undefined;
  if (letter === undefined) return [];
  const isDecisive = STATUSES[status] === "FAILED" && result_offset === null;
  return [{ kind: isDecisive ? "FAILED" : "SET_ASIDE", topic: "deadLetters", ...letter }];
}
