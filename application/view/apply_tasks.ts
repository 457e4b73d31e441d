/** Messages of `tasks`: each is a task, also one that nobody can read. */
import { FIELDS } from "../../common/iris.ts";
import type { Message } from "../../common/kafka/consume_plan.ts";
import { parseTask } from "../../common/messages.ts";
import type { Writing } from "./apply.ts";
import { type KnownRow, placeId } from "./task_rows.ts";

const COLUMNS = ["partition", "offset", "accepted_at", "at", ...FIELDS, "replay_of"] as const;

/** Prepares the statement, and returns what applies a message of `tasks`. */
export function prepareTasks({ rows, figures, forgotten, early, deadLetters, timeOf }: Writing) {
  const names = COLUMNS.map((column) => `"${column}"`).join(", ");
  const insert = rows.prepare(
    `INSERT INTO task (id, ${names}) VALUES (?${", ?".repeat(COLUMNS.length)}) ON CONFLICT (id) DO NOTHING`,
  );

  return (message: Message): void => {
    const task = parseTask(message.value);
    const { partition, unreadable } = message;
    // A batch that cannot be read is one task, at its first offset: its dead letter names that.
    const offset = Number(unreadable?.firstOffset ?? message.offset);
    const id = (task.ok ? task.value.task_id : task.task_id) ?? placeId(partition, offset);
    if (forgotten.has(id)) return;
    const X = task.ok ? FIELDS.map((field) => task.value.X[field]) : FIELDS.map(() => null);
    const replayOf = headerOf(message, "replay-of");
    const at = timeOf(message);
    const values = [partition, offset, at, at, ...X, replayOf];
    const isNew = insert.run(id, ...values).changes > 0;
    if (isNew) figures.add("accepted", at);
    else {
      const row = rows.find(id);
      if (row === undefined || !isEarlier(row, at, partition, offset)) return;
      rows.change(row, Object.fromEntries(COLUMNS.map((column, index) => [column, values[index]])));
    }
    rows.changed.add(id);
    early.apply(id);
    deadLetters.applyTo(id, partition, offset);
    if (replayOf !== null) deadLetters.linkReplay(replayOf);
    if (!isNew) forgotten.addIfOld(id);
  };
}

/** Whether this message comes before the one that the row stands for. Any order of reading ends the same. */
function isEarlier({ partition, offset, accepted_at }: KnownRow, at: number, ...place: number[]): boolean {
  if (partition === null || offset === null || accepted_at === null) return true;
  const differences = [at - accepted_at, (place[0] ?? 0) - partition, (place[1] ?? 0) - offset];
  return (differences.find((difference) => difference !== 0) ?? 0) < 0;
}

/** The first value of a header. */
export function headerOf({ headers }: Message, name: string): string | null {
  const [value = null] = [headers?.[name] ?? null].flat();
  return value === null ? null : value.toString();
}
