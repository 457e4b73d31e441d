/** The routes with the names of the Flask and Celery form of this service, as the document describes them. */
import * as v from "valibot";
import { measurementsSchema } from "../../../common/iris.ts";
import { postHeadersSchema } from "../http/headers.ts";
import { EXAMPLE_TASKS, type Operation } from "../openapi/operation.ts";
import { ELAB_STATUSES } from "./elab_routes.ts";
import { taskIdSchema } from "./look_up.ts";
import { flower } from "./post_operations.ts";
import { PROBLEMS_OF_IDS, PROBLEMS_OF_SENDING } from "./problem_answers.ts";
import { resultSchema } from "./task_schemas.ts";

const task_id = v.string();
const elabSchema = v.object({ task_id, status: v.picklist(ELAB_STATUSES) });
const { task_id: _, ...resultEntries } = resultSchema.entries;
const elabResultSchema = v.union([
  v.object({ task_id, status: v.literal("SUCCESS"), result: v.object(resultEntries) }),
  v.object({ task_id, status: v.literal("FAILED"), error: v.pipe(v.string(), v.description("Why.")) }),
]);

const { waiting, answered, failed, unknown } = EXAMPLE_TASKS;

export const OPERATIONS: readonly Operation[] = [
  {
    method: "POST",
    path: "/elab",
    id: "postElab",
    tag: "tasks",
    summary: "POST /tasks for a single task, under its name in the Flask and Celery form of this service.",
    headers: postHeadersSchema,
    body: { schema: measurementsSchema },
    answers: {
      202: {
        description: "Kafka has it.",
        schema: elabSchema,
        headers: { Location: "Where its status can be asked for." },
      },
      ...PROBLEMS_OF_SENDING,
    },
    examples: [
      { name: "one task", body: flower, status: 202, answer: { task_id: waiting, status: "PENDING" } },
      { name: "a list", body: [flower], status: 422 },
    ],
  },
  {
    method: "GET",
    path: "/elab_status/:id",
    id: "getElabStatus",
    tag: "tasks",
    summary: "The status of a task, in three words.",
    description: "A task that a worker has begun is PENDING here, and one that was cancelled is FAILED.",
    params: taskIdSchema,
    answers: { 200: { description: "The status.", schema: elabSchema }, ...PROBLEMS_OF_IDS },
    examples: [
      { name: "one that waits", params: { id: waiting }, status: 200 },
      {
        name: "one that is answered",
        params: { id: answered },
        status: 200,
        answer: { task_id: answered, status: "SUCCESS" },
      },
      { name: "one that nobody knows", params: { id: unknown }, status: 404 },
    ],
  },
  {
    method: "GET",
    path: "/elab_result/:id",
    id: "getElabResult",
    tag: "tasks",
    summary: "The answer to a task, or why it has none.",
    params: taskIdSchema,
    answers: {
      200: { description: "It is finished.", schema: elabResultSchema },
      202: { description: "There is no answer yet.", schema: elabSchema },

      ...PROBLEMS_OF_IDS,
    },
    examples: [
      { name: "an answer", params: { id: answered }, status: 200 },
      { name: "none yet", params: { id: waiting }, status: 202 },
      { name: "of a task that has failed", params: { id: failed }, status: 200 },
    ],
  },
];
