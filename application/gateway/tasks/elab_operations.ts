/** The names of the Flask and Celery form, as the document describes them. */
import { measurementsSchema } from "../../../common/iris.ts";
import { EXAMPLE_TASKS, type Operation, problemAnswer } from "../openapi/operation.ts";
import { taskIdSchema } from "./look_up.ts";
import { elabResultSchema, elabStatusSchema } from "./task_schemas.ts";

const flower = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
const unknown = problemAnswer("No task has this id.");

export const OPERATIONS: readonly Operation[] = [
  {
    method: "POST",
    path: "/elab",
    id: "postElab",
    tag: "tasks",
    summary: "POST /tasks under its older name, for one task.",
    body: { schema: measurementsSchema },
    answers: {
      202: {
        description: "Kafka has the task.",
        schema: elabStatusSchema,
        headers: { Location: "Where its status can be asked for." },
      },
      422: problemAnswer("A value is not what it should be."),
      503: problemAnswer("Kafka has not confirmed it."),
    },
    examples: [
      {
        name: "one",
        body: flower,
        status: 202,
        answer: { task_id: EXAMPLE_TASKS.waiting, status: "PENDING" },
      },
      { name: "no flower", body: {}, status: 422 },
    ],
  },
  {
    method: "GET",
    path: "/elab_status/:id",
    id: "getElabStatus",
    tag: "tasks",
    summary: "The status of a task: PENDING, SUCCESS or FAILED.",
    params: taskIdSchema,
    answers: { 200: { description: "The status.", schema: elabStatusSchema }, 404: unknown },
    examples: [
      { name: "waiting", params: { id: EXAMPLE_TASKS.waiting }, status: 200 },
      {
        name: "answered",
        params: { id: EXAMPLE_TASKS.answered },
        status: 200,
        answer: { task_id: EXAMPLE_TASKS.answered, status: "SUCCESS" },
      },
      { name: "unknown", params: { id: EXAMPLE_TASKS.unknown }, status: 404 },
    ],
  },
  {
    method: "GET",
    path: "/elab_result/:id",
    id: "getElabResult",
    tag: "tasks",
    summary: "The answer to a task.",
    params: taskIdSchema,
    answers: {
      200: { description: "The answer, or why there is none.", schema: elabResultSchema },
      202: { description: "There is none yet.", schema: elabStatusSchema },
      404: unknown,
    },
    examples: [
      { name: "answered", params: { id: EXAMPLE_TASKS.answered }, status: 200 },
      { name: "failed", params: { id: EXAMPLE_TASKS.failed }, status: 200 },
      { name: "waiting", params: { id: EXAMPLE_TASKS.waiting }, status: 202 },
    ],
  },
];
