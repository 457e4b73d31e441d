/**
 * What the log brought between two vectors, read from the view's database. The view reads the topics side by
 * side, so it can know an answer before its task. To whoever watches, what happens to one task comes in its
 * order: it is told when both are known, its message in `tasks` and what happened to it.
 */
import type { Database } from "../../../common/sqlite.ts";
import { prepared } from "../../view/queries.ts";
import { FIRST_FINAL, STATUSES } from "../../view/schema.ts";
import { FINISHED_COLUMNS, type FinishedRow, toBlock } from "./recent.ts";
import type { Vector } from "./vector.ts";
import type { Change } from "./wire.ts";

const COLUMNS = `${FINISHED_COLUMNS}, accepted_at, starts, cancel_requested_at`;
const ACCEPTED = `SELECT ${COLUMNS} FROM task
  WHERE partition = ? AND "offset" >= ? AND "offset" < ? ORDER BY "offset"`;
const ENDED = `SELECT ${COLUMNS} FROM task WHERE result_offset >= ? AND result_offset < ?
  ORDER BY result_offset`;
const AT = `SELECT ${COLUMNS} FROM task WHERE partition = ? AND "offset" = ?`;
const WITH_ID = `SELECT ${COLUMNS} FROM task WHERE id = ?`;
const EVENTS = `SELECT * FROM task_event WHERE "offset" >= ? AND "offset" < ? ORDER BY "offset"`;
const EVENTS_BEFORE = `SELECT * FROM task_event WHERE id = ? AND "offset" < ? ORDER BY "offset"`;
const DEAD = `SELECT partition, "offset", at, reason, original_partition, original_offset FROM dead_letter
  WHERE partition = ? AND "offset" >= ? AND "offset" < ? ORDER BY "offset"`;
const DEAD_OF = `SELECT partition, "offset" FROM dead_letter
  WHERE original_partition = ? AND original_offset = ? ORDER BY partition, "offset" LIMIT 1`;

/** An answer that names neither its task's id nor its place stands for itself. */
const NAMELESS = /^result@/;
const FAILED = STATUSES.indexOf("FAILED");

interface Row extends FinishedRow {
  accepted_at: number | null;
  starts: number;
  cancel_requested_at: number | null;
}
interface EventRow {
  kind: 1 | 2;
  id: string;
  at: number;
  worker: string | null;
  partition: number | null;
  task_offset: number | null;
}
interface DeadRow {
  partition: number;
  offset: number;
  at: number;
  reason: string;
  original_partition: number | null;
  original_offset: number | null;
}

/** Both vectors must be of this database, and `to` where it is now. */
export function readChanges(database: Database, from: Vector, to: Vector): Change[] {
  const read = <Result>(sql: string, ...parameters: (string | number)[]) =>
    prepared(database, sql).all(...parameters) as unknown as Result[];
  /** Rows of each partition of a topic that has moved. */
  const readEach = <Result>(sql: string, topic: "tasks" | "deadLetters") =>
    to[topic].flatMap((end, partition) => {
      const start = from[topic][partition] ?? 0;
      return end > start ? read<Result>(sql, partition, start, end) : [];
    });
  const readSpan = <Result>(sql: string, topic: "results" | "events") => {
    const [start = 0, end = 0] = [from[topic][0], to[topic][0]];
    return end > start ? read<Result>(sql, start, end) : [];
  };

  const accepted = readEach<Row>(ACCEPTED, "tasks");
  const dead = readEach<DeadRow>(DEAD, "deadLetters");
  const rows = new Map(accepted.map((row) => [row.id, row]));
  for (const row of readSpan<Row>(ENDED, "results")) rows.set(row.id, row);
  for (const { original_partition: partition, original_offset: offset } of dead) {
    if (partition === null || offset === null) continue;
    for (const row of read<Row>(AT, partition, offset)) rows.set(row.id, row);
  }
  const ended = [...rows.values()].filter((row) => isEnded(row, to) && !isEnded(row, from));
  ended.sort((a, b) => (a.result_offset ?? 0) - (b.result_offset ?? 0));

  const early = accepted
    .filter(({ starts, cancel_requested_at }) => starts > 0 || cancel_requested_at !== null)
    .flatMap(({ id }) => read<EventRow>(EVENTS_BEFORE, id, from.events[0] ?? 0));
  const events = [...early, ...readSpan<EventRow>(EVENTS, "events")].filter(({ id }) => {
    const row = rows.get(id) ?? read<Row>(WITH_ID, id)[0];
    return row !== undefined && isPlaced(row, to) && !isEnded(row, from);
  });
  return [
    ...accepted.map(toAccepted),
    ...events.map(toEvent),
    ...ended.map((row): Change => ({ kind: "ended", at: row.ended_at ?? 0, ...toBlock(row) })),
    ...dead.map(toDead),
  ];

  /** Whether the vector reflects the task's own message. */
  function isPlaced({ id, partition, offset }: Row, vector: Vector): boolean {
    if (partition === null || offset === null) return NAMELESS.test(id);
    return offset < (vector.tasks[partition] ?? 0);
  }

  /** Whether it reflects its end, too: a record on results, or the dead letter of a task that has none. */
  function isEnded(row: Row, vector: Vector): boolean {
    if (row.status < FIRST_FINAL || !isPlaced(row, vector)) return false;
    if (row.result_offset !== null && row.result_offset < (vector.results[0] ?? 0)) return true;
    if (row.status !== FAILED || row.partition === null || row.offset === null) return false;
    const [letter] = read<{ partition: number; offset: number }>(DEAD_OF, row.partition, row.offset);
    return letter !== undefined && letter.offset < (vector.deadLetters[letter.partition] ?? 0);
  }
}

function toAccepted({ id, partition, offset, accepted_at }: Row): Change {
  return { kind: "accepted", id, partition: partition ?? 0, offset: offset ?? 0, at: accepted_at ?? 0 };
}

function toEvent({ kind, id, at, worker, partition, task_offset }: EventRow): Change {
  if (kind === 2) return { kind: "cancel_requested", id, at };
  const place = { partition: partition ?? 0, offset: task_offset ?? 0 };
  return { kind: "started", id, ...place, worker: worker ?? "", at };
}

function toDead({ partition, offset, at, reason, original_partition, original_offset }: DeadRow): Change {
  const origin = {
    ...(original_partition === null ? {} : { original_partition }),
    ...(original_offset === null ? {} : { original_offset }),
  };
  return { kind: "dead", partition, offset, reason, ...origin, at };
}
