/** The history for people: tables that fit into 80 columns. `--json` has every column of the database. */
import Table from "cli-table3";
import { formatLine } from "../common/iris.ts";
import { printable } from "../common/printable.ts";
import type { History } from "../common/results_schema.ts";

/** So many characters of an id tell tasks apart; stage 5's programs print them too. */
const ID_LENGTH = 4;

export function formatHistory({ counts, latest, failures }: History): string {
  const rows = table("id", "flower", "species", "task", "worker", "stored at (UTC)");
  for (const { id, species, task_id, worker, stored_at, ...flower } of latest) {
    rows.push([
      id,
      formatLine(flower),
      species,
      shorten(task_id, ID_LENGTH),
      shorten(worker, 14),
      when(stored_at),
    ]);
  }
  const species = table("species", "results");
  for (const { species: name, count } of counts) species.push([name, count]);
  if (failures.length === 0) return `${rows}\n${species}`;
  const failed = table("failed task", "reason");
  for (const { task_id, message } of failures)
    failed.push([shorten(task_id, ID_LENGTH), shorten(message, 58)]);
  return `${rows}\n${species}\n${failed}`;
}

function table(...head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

/** Text from outside: escaped, and no longer than its column. */
function shorten(text: string | null, length: number): string {
  const shown = printable(text ?? "");
  return shown.length > length && length > ID_LENGTH
    ? `${shown.slice(0, length - 1)}…`
    : shown.slice(0, length);
}

/** 2026-03-01T12:34:56.789Z as 03-01 12:34:56. */
function when(stored_at: string): string {
  return `${stored_at.slice(5, 10)} ${stored_at.slice(11, 19)}`;
}
