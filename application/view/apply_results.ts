/** Records of `results`: the first one for a task decides what becomes of it, later ones are only noted. */
import { FIELDS, parseMeasurements, SPECIES } from "../../common/iris.ts";
import type { Message } from "../../common/kafka/consume_plan.ts";
import { type Failure, parseResult, type Result } from "../../common/messages.ts";
import { CANCELLED } from "../task_events.ts";
import type { Writing } from "./apply.ts";
import type { CountedRow } from "./figures.ts";
import { STATUSES } from "./schema.ts";
import { placeId, toWhole } from "./task_rows.ts";

/** No task has a longer one: see parseTask(). */
const LONGEST_ID = 200;
const SUCCESS = STATUSES.indexOf("SUCCESS");

/** What a record says of how the task ended. */
const COLUMNS = [
  ...["status", "ended_at", "result_offset", "iris_type", "probabilities", "model"],
  ...["error_code", "error_message", "duration_ms", "is_told"],
] as const;
/** Only where the record tells its worker: is_told is 1. */
const TOLD = ["worker", "started_at"] as const;

/** Prepares the statements, and returns what applies a message of `results`. */
export function prepareResults({ rows, figures, forgotten, early, timeOf }: Writing) {
  const isToldAt = COLUMNS.indexOf("is_told") + 1;
  const set = [
    ...COLUMNS.map((column, index) => `"${column}" = ?${index + 1}`),
    ...TOLD.map((name, index) => `${name} = iif(?${isToldAt}, ?${COLUMNS.length + index + 1}, ${name})`),
  ].join(", ");
  const idAt = COLUMNS.length + TOLD.length + 1;
  const returning = "RETURNING status, accepted_at, started_at, ended_at, duration_ms";
  const end = rows.prepare(`UPDATE task SET ${set} WHERE id = ?${idAt} AND status < 2 ${returning}`);
  const names = [...COLUMNS, ...TOLD, "at", ...FIELDS].map((column) => `"${column}"`);
  const insert = rows.prepare(
    `INSERT INTO task (id, ${names.join(", ")}) VALUES (?${", ?".repeat(names.length)})`,
  );
  const insertLate = rows.prepare(
    `INSERT INTO late_result ("offset", id, at, worker, outcome) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`,
  );

  return (message: Message): void => {
    const parsed = parseResult(message.value);
    if (!parsed.ok) return; // The persister passes over it, too.
    const result = parsed.value;
    const offset = Number(message.offset);
    const at = timeOf(message);
    const id = idOf(result, offset);
    const { status, outcome, columns } = describe(result);
    const { worker = null } = result;
    const started_at = worker === null ? null : toWhole(result.started_at);
    const duration_ms = toWhole(result.duration_ms);
    const values = [status, at, offset, ...columns, duration_ms, worker === null ? 0 : 1];
    const told = [worker, started_at];
    const ended = end.get(...values, ...told, id) as CountedRow | undefined;
    if (ended !== undefined) {
      figures.addEnd(ended);
      rows.changed.add(id);
      forgotten.addIfOld(id, at);
      return;
    }
    const row = rows.find(id);
    if (row === undefined) {
      if (forgotten.has(id)) return;
      const X = parseMeasurements("X" in result ? result.X : undefined);
      insert.run(id, ...values, ...told, at, ...FIELDS.map((field) => (X.ok ? X.value[field] : null)));
      figures.addEnd({ status, accepted_at: null, started_at, ended_at: at, duration_ms });
      early.apply(id);
    } else if (row.result_offset === null) {
      // Failed by its dead letter: that holds until a record decides.
      const change = Object.fromEntries(COLUMNS.map((column, index) => [column, values[index]]));
      rows.change(row, worker === null ? change : { ...change, worker, started_at });
    } else if (row.result_offset !== offset) {
      insertLate.run(offset, id, at, worker, outcome);
    }
    rows.changed.add(id);
  };
}

/** A task without id is named by its place; an answer that names neither stands for itself. */
function idOf(result: Result | Failure, offset: number): string {
  const { task_id } = result;
  if (task_id !== undefined && task_id !== "" && task_id.length <= LONGEST_ID) return task_id;
  const [partition, taskOffset] = [toWhole(result.partition), toWhole(result.offset)];
  return partition === null || taskOffset === null ? `result@${offset}` : placeId(partition, taskOffset);
}

/** `columns` are those from iris_type to error_message. */
function describe(result: Result | Failure) {
  if ("error" in result) {
    const { code, message } = result.error;
    const outcome = code === CANCELLED ? "CANCELLED" : "FAILED";
    return { status: STATUSES.indexOf(outcome), outcome, columns: [null, null, null, code, message] };
  }
  const { iris_type, species = SPECIES[iris_type], probabilities, model = null } = result.answer;
  const shares = probabilities === undefined ? null : JSON.stringify(probabilities);
  return { status: SUCCESS, outcome: species, columns: [iris_type, shares, model, null, null] };
}
