/** Which results are wanted: the parameters of GET /results and /results.csv, and the same as SQL. */
import * as v from "valibot";
import { SPECIES } from "../../../common/iris.ts";
import { CANCELLED } from "../../task_events.ts";
import { moment, oneOf, text } from "../http/parameters.ts";

export const OUTCOMES = ["SUCCESS", "FAILED", "CANCELLED"] as const;

/** Descriptions are for the document. */
export const filterEntries = {
  status: v.exactOptional(v.pipe(oneOf(OUTCOMES), v.description("What became of the task."))),
  species: v.exactOptional(v.pipe(oneOf(SPECIES), v.description("Of the answer."))),
  worker: v.exactOptional(v.pipe(text("a worker's name"), v.description("Who answered."))),
  task_id: v.exactOptional(v.pipe(text("a task's id"), v.description("One task."))),
  model: v.exactOptional(v.pipe(text("a model's version"), v.description("Which model answered."))),
  since: v.exactOptional(v.pipe(moment(), v.description("Stored at this moment or later."))),
  until: v.exactOptional(v.pipe(moment(), v.description("Stored before this moment."))),
};
const filterSchema = v.strictObject(filterEntries);
export type ResultsFilter = v.InferOutput<typeof filterSchema>;

/** The tables of the persister's database. */
export type ResultsTable = "iris_prediction" | "iris_failure";

export interface Condition {
  /** True of the wanted rows; `1` where all are. */
  sql: string;
  values: string[];
}

/** The filter for one of the two tables; undefined when none of its rows is wanted. */
export function conditionFor(table: ResultsTable, filter: ResultsFilter): Condition | undefined {
  const { status, species, worker, task_id, model, since, until } = filter;
  const terms: [sql: string, value: string | undefined][] = [
    ["worker = ?", worker],
    ["task_id = ?", task_id],
    ["stored_at >= ?", since],
    ["stored_at < ?", until],
  ];
  if (table === "iris_prediction") {
    if (status !== undefined && status !== "SUCCESS") return undefined;
    terms.push(["species = ?", species], ["model = ?", model]);
  } else {
    // A failure has neither species nor model.
    if (status === "SUCCESS" || species !== undefined || model !== undefined) return undefined;
    terms.push([status === "CANCELLED" ? "code = ?" : "code <> ?", status && CANCELLED]);
  }
  const given = terms.filter((term): term is [string, string] => term[1] !== undefined);
  return { sql: given.map(([sql]) => sql).join(" AND ") || "1", values: given.map(([, value]) => value) };
}
