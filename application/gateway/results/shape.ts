/** A row of the persister's tables as the gateway tells of it: JSON, and a line of CSV. */
import * as v from "valibot";
import { FIELDS, measurementsSchema, SPECIES } from "../../../common/iris.ts";
import { isoTime } from "../../iso_time.ts";
import { CANCELLED } from "../../task_events.ts";
import { OUTCOMES } from "./filter.ts";
import { isFailure, type Row } from "./read_results.ts";

/** What is not known is left out. */
export const resultSchema = v.object({
  row: v.pipe(v.number(), v.integer(), v.description("Its id in its table.")),
  status: v.picklist(OUTCOMES),
  task_id: v.exactOptional(v.pipe(v.string(), v.description("A task of stage 4 has none."))),
  X: v.exactOptional(measurementsSchema),
  iris_type: v.exactOptional(v.picklist([0, 1, 2])),
  species: v.exactOptional(v.picklist(SPECIES)),
  model: v.exactOptional(v.string()),
  worker: v.exactOptional(v.string()),
  error: v.exactOptional(v.object({ code: v.string(), message: v.string() })),
  answered_at: v.exactOptional(
    v.pipe(v.string(), v.isoTimestamp(), v.description("The time of its message.")),
  ),
  stored_at: v.pipe(v.string(), v.isoTimestamp()),
  partition: v.pipe(v.number(), v.integer(), v.description("Its place in the topic results.")),
  offset: v.pipe(v.number(), v.integer()),
});
export type ResultJson = v.InferOutput<typeof resultSchema>;

/** A row as programs read it; what is not known is left out. */
export function toJson(row: Row): ResultJson {
  const { id, worker, partition, offset, timestamp, stored_at } = row;
  const answered = isoTime("answered_at", Number(timestamp));
  const place = { ...answered, stored_at, partition, offset: Number(offset) };
  const by = worker === null ? {} : { worker };
  if (isFailure(row)) {
    const { task_id, code, message } = row;
    const status = code === CANCELLED ? "CANCELLED" : "FAILED";
    return { row: id, status, task_id, ...by, error: { code, message }, ...place };
  }
  const { sepal_length, sepal_width, petal_length, petal_width, iris_type, species, task_id, model } = row;
  return {
    row: id,
    status: "SUCCESS",
    ...(task_id === null ? {} : { task_id }),
    X: { sepal_length, sepal_width, petal_length, petal_width },
    iris_type,
    species,
    ...(model === null ? {} : { model }),
    ...by,
    ...place,
  };
}

/** The first line of the CSV. */
export const CSV_COLUMNS = [
  ...["stored_at", "answered_at", "status", "task_id"],
  ...FIELDS,
  ...["iris_type", "species", "model", "worker", "error_code", "error_message", "partition", "offset"],
];

/** In the order of CSV_COLUMNS. */
export function toCells(row: Row): (string | number | undefined)[] {
  const { status, task_id, X, iris_type, species, model, worker, error, ...place } = toJson(row);
  return [
    ...[place.stored_at, place.answered_at, status, task_id],
    ...FIELDS.map((field) => X?.[field]),
    ...[iris_type, species, model, worker, error?.code, error?.message, place.partition, place.offset],
  ];
}
