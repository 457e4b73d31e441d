/** Messages of `task-events`. Those for a task that is not known yet wait for it. */
import type { Message } from "../../common/kafka/consume_plan.ts";
import { parseTaskEvent } from "../task_events.ts";
import type { Writing } from "./apply.ts";
import { FIRST_FINAL } from "./schema.ts";
import { type KnownRow, placeId, type RowChange, type TaskRows, toWhole } from "./task_rows.ts";

/** `kind` of task_event. */
const STARTED = 1;
const CANCEL_REQUESTED = 2;

interface StoredEvent {
  kind: number;
  at: number;
  worker: string | null;
}

/** The events that came before their task. */
export class EarlyEvents {
  readonly #rows: TaskRows;
  readonly #ids: Set<string>;

  constructor(rows: TaskRows) {
    this.#rows = rows;
    const early = rows.prepare("SELECT id FROM task_event WHERE is_early = 1").all() as { id: string }[];
    this.#ids = new Set(early.map(({ id }) => id));
  }

  /** How many tasks are waited for. */
  get size(): number {
    return this.#ids.size;
  }

  add(id: string): void {
    this.#ids.add(id);
  }

  /** Deletes those of tasks that never came, at most so many, and returns how many these were. */
  forgetBefore(at: number, most: number): number {
    const deleted = this.#rows
      .prepare(
        `DELETE FROM task_event WHERE "offset" IN
          (SELECT "offset" FROM task_event WHERE is_early = 1 AND at <= ? LIMIT ?) RETURNING id`,
      )
      .all(at, most) as { id: string }[];
    const others = this.#rows.prepare("SELECT 1 FROM task_event WHERE is_early = 1 AND id = ?");
    for (const { id } of deleted) if (others.get(id) === undefined) this.#ids.delete(id);
    return deleted.length;
  }

  /** To be called when a task becomes known: what is early is so no longer. */
  apply(id: string): void {
    if (!this.#ids.delete(id)) return;
    const events = this.#rows.prepare(
      'SELECT kind, at, worker FROM task_event WHERE is_early = 1 AND id = ? ORDER BY "offset"',
    );
    for (const event of events.all(id) as unknown as StoredEvent[]) applyEvent(this.#rows, id, event);
    this.#rows.prepare("UPDATE task_event SET is_early = 0 WHERE is_early = 1 AND id = ?").run(id);
  }
}

/** False when there is no such task. */
function applyEvent(rows: TaskRows, id: string, { kind, at, worker }: StoredEvent): boolean {
  const row = rows.find(id);
  if (row === undefined) return false;
  rows.change(row, kind === STARTED ? started(row, at, worker) : requested(row, at));
  return true;
}

function started({ starts, status, is_told }: KnownRow, at: number, worker: string | null): RowChange {
  return {
    starts: starts + 1,
    status: status < FIRST_FINAL ? 1 : status,
    ...(is_told === 1 ? {} : { worker, started_at: at }),
  };
}

function requested({ cancel_requested_at }: KnownRow, at: number): RowChange {
  return { cancel_requested_at: cancel_requested_at ?? at };
}

/** Prepares the statements, and returns what applies a message of `task-events`. */
export function prepareEvents({ rows, early, forgotten, timeOf }: Writing) {
  const insert = rows.prepare(
    `INSERT INTO task_event ("offset", id, kind, at, worker, partition, task_offset, is_early)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );

  return (message: Message): void => {
    const parsed = parseTaskEvent(message.value);
    if (!parsed.ok) return;
    const event = parsed.value;
    const isStart = event.event === "STARTED";
    const [partition, offset] = isStart ? [toWhole(event.partition), toWhole(event.offset)] : [null, null];
    const id = event.task_id ?? placeId(partition ?? 0, offset ?? 0);
    if (forgotten.has(id)) return;
    const at = toWhole(event.at) ?? timeOf(message);
    const worker = isStart ? event.worker : null;
    const kind = isStart ? STARTED : CANCEL_REQUESTED;
    const isEarly = !applyEvent(rows, id, { kind, at, worker });
    insert.run(Number(message.offset), id, kind, at, worker, partition, offset, isEarly ? 1 : 0);
    if (isEarly) early.add(id);
    else rows.changed.add(id);
  };
}
