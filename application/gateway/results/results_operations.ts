/** GET /results and GET /results.csv, as the document describes them. */
import * as v from "valibot";
import { text, wholeNumber } from "../http/parameters.ts";
import { EXAMPLE_TASKS, type Operation, problemAnswer } from "../openapi/operation.ts";
import { COUNTED, type Counts } from "./counts.ts";
import { filterEntries } from "./filter.ts";
import { resultSchema } from "./shape.ts";

export const listQuery = v.strictObject({
  ...filterEntries,
  limit: v.pipe(v.optional(wholeNumber(1, 1000), "100"), v.description("How many results at most.")),
  before: v.exactOptional(
    v.pipe(text("the `next` of an earlier answer", 50), v.description("Goes on behind that answer.")),
  ),
});
export const csvQuery = v.strictObject(filterEntries);

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const resultListSchema = v.object({
  results: v.array(resultSchema),
  next: v.exactOptional(v.pipe(v.string(), v.description("For `before`; missing on the last page."))),
  counts: v.pipe(
    v.object(Object.fromEntries(COUNTED.map((name) => [name, count])) as Record<keyof Counts, typeof count>),
    v.description("Of all that match, on whatever page."),
  ),
});

const missing = problemAnswer("There is no database of results: no persister has made one yet.");
const invalid = problemAnswer("A parameter is wrong; `field` names it.");

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/results",
    id: "listResults",
    tag: "results",
    summary: "What the persister has stored, the newest first.",
    query: listQuery,
    answers: {
      200: { description: "A page of results, and how many there are.", schema: resultListSchema },
      422: invalid,
      503: missing,
    },
    examples: [
      {
        name: "one task",
        query: { task_id: EXAMPLE_TASKS.answered },
        status: 200,
        answer: {
          results: [
            {
              row: 18,
              status: "SUCCESS",
              task_id: EXAMPLE_TASKS.answered,
              X: { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 },
              iris_type: 1,
              species: "versicolor",
              model: "4b8c3c2c",
              worker: "worker-2",
              answered_at: "2026-03-01T12:00:01.009Z",
              stored_at: "2026-03-01T12:00:01.031Z",
              partition: 0,
              offset: 17,
            },
          ],
          counts: { setosa: 0, versicolor: 1, virginica: 0, failed: 0, cancelled: 0 },
        },
      },
      { name: "the newest two setosas", query: { species: "setosa", limit: "2" }, status: 200 },
      { name: "since", query: { since: "2026-03-01T12:00:00Z", status: "FAILED" }, status: 200 },
      { name: "a species that is none", query: { species: "rose" }, status: 422 },
    ],
  },
  {
    method: "GET",
    path: "/results.csv",
    id: "downloadResults",
    tag: "results",
    summary: "The same as a file for a spreadsheet, with all that match.",
    query: csvQuery,
    answers: {
      200: {
        description: "A header line, then a line for each result, the newest first.",
        contentType: "text/csv",
        headers: { "Content-Disposition": "attachment, with the name results.csv" },
      },
      422: invalid,
      503: missing,
    },
    examples: [{ name: "what one worker answered", query: { worker: "worker-2" }, status: 200 }],
  },
];
