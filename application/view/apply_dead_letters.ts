/** Messages of `tasks-dlt`: what was set aside, and the tasks that it fails. */
import type { Message } from "../../common/kafka/consume_plan.ts";
import type { Writing } from "./apply.ts";
import { headerOf } from "./apply_tasks.ts";
import { FIRST_FINAL, STATUSES } from "./schema.ts";
import { type KnownRow, type TaskRows, toWhole } from "./task_rows.ts";

/** The code of such a failure, as the workers send it for a task that has an id. */
const INVALID_INPUT = "invalid_input";

/** What is known of the dead letters, for the tasks that come later than they. */
export class DeadLetters {
  readonly #rows: TaskRows;
  #any: boolean;

  constructor(rows: TaskRows) {
    this.#rows = rows;
    this.#any = rows.prepare("SELECT 1 FROM dead_letter LIMIT 1").get() !== undefined;
  }

  added(): void {
    this.#any = true;
  }

  /** Fails a task whose dead letter is there already. */
  applyTo(id: string, partition: number, offset: number): void {
    if (!this.#any) return;
    const letter = this.#rows
      .prepare(
        `SELECT at, reason FROM dead_letter WHERE original_partition = ? AND original_offset = ?
          ORDER BY partition, "offset" LIMIT 1`,
      )
      .get(partition, offset) as { at: number; reason: string } | undefined;
    const row = letter && this.#rows.find(id);
    if (letter !== undefined && row !== undefined) this.fail(row, letter.at, letter.reason);
  }

  /** A task that is set aside is failed, unless a record on results has decided already. */
  fail(row: KnownRow, at: number, reason: string): void {
    if (row.status >= FIRST_FINAL) return;
    const status = STATUSES.indexOf("FAILED");
    this.#rows.change(row, { status, ended_at: at, error_code: INVALID_INPUT, error_message: reason });
  }

  /** Notes the first task that replays this dead letter ("<partition>/<offset>"). */
  linkReplay(letter: string): void {
    const [partition, offset] = letter.split("/").map(toWhole);
    this.#rows
      .prepare(
        `UPDATE dead_letter SET replayed_as =
          (SELECT id FROM task WHERE replay_of = ? ORDER BY accepted_at, id LIMIT 1)
          WHERE partition = ? AND "offset" = ?`,
      )
      .run(letter, partition ?? null, offset ?? null);
  }
}

/** Prepares the statements, and returns what applies a message of `tasks-dlt`. */
export function prepareDeadLetters({ topics, rows, figures, deadLetters, timeOf }: Writing) {
  const insert = rows.prepare(
    `INSERT INTO dead_letter
      (partition, "offset", at, reason, original_partition, original_offset, key, value, headers)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );

  return (message: Message): void => {
    const { partition, key, value } = message;
    const offset = Number(message.offset);
    const at = timeOf(message);
    const reason = headerOf(message, "reason") ?? "";
    const isOurs = headerOf(message, "original-topic") === topics.tasks;
    const original = ["original-partition", "original-offset"].map((name) =>
      isOurs ? toWhole(headerOf(message, name)) : null,
    );
    const place = [partition, offset, at, reason, ...original] as const;
    if (insert.run(...place, key, value, headersOf(message)).changes === 0) return;
    figures.add("dead", at);
    deadLetters.added();
    deadLetters.linkReplay(`${partition}/${offset}`);
    const [originalPartition, originalOffset] = original;
    if (originalPartition == null || originalOffset == null) return;
    const row = rows.at(originalPartition, originalOffset);
    if (row !== undefined) deadLetters.fail(row, at, reason);
  };
}

/** {name: [values]} as JSON. */
function headersOf({ headers = {} }: Message): string {
  const entries = Object.entries(headers).map(([name, values]) => [
    name,
    [values].flat().map((value) => value?.toString() ?? ""),
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}
