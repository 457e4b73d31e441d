/** The routes of tasks, as the document describes them. */
import * as v from "valibot";
import { text } from "../http/parameters.ts";
import { EXAMPLE_TASKS, type Operation, problemAnswer } from "../openapi/operation.ts";
import { taskIdSchema } from "./look_up.ts";
import { taskBodySchema } from "./task_body.ts";
import { listQuerySchema, waitQuerySchema } from "./task_queries.ts";
import {
  acceptedListSchema,
  acceptedSchema,
  answerSchema,
  historySchema,
  taskListSchema,
  taskSchema,
} from "./task_schemas.ts";

const flower = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
const location = "Where the task can be asked for.";
const retryAfter = { "Retry-After": "In how many seconds it is worth asking." };
const invalid = problemAnswer("A value is not what it should be; `field`, `expected` and `got` say which.");
const unknown = problemAnswer("No task has this id: the log was read to its end, as it was when you asked.");
const forgotten = problemAnswer("The task was finished, and is no longer kept.");
const away = problemAnswer("Kafka is away.", retryAfter);

const task: v.InferOutput<typeof taskSchema> = {
  task_id: EXAMPLE_TASKS.answered,
  status: "SUCCESS",
  attempts: 1,
  X: flower,
  accepted_at: "2026-03-01T12:00:00.000Z",
  started_at: "2026-03-01T12:00:00.021Z",
  ended_at: "2026-03-01T12:00:01.030Z",
  worker: "worker-2",
  partition: 3,
  offset: 17,
  duration_ms: 1009,
  iris_type: 1,
  species: "versicolor",
  model: "4b8c3c2c",
};

const postTasks: Operation = {
  method: "POST",
  path: "/tasks",
  id: "postTasks",
  tag: "tasks",
  summary: "Puts one task in the queue, or a list of up to 10,000.",
  description:
    "It is answered when every in-sync replica of Kafka has the tasks. One bad element refuses a whole list. " +
    "With an Idempotency-Key the same request twice is one request, at any gateway, for 24 hours.",
  headers: v.object({
    prefer: v.exactOptional(
      v.pipe(
        text("a preference"),
        v.description("wait=10: answers 200 if the answer comes within 10 seconds."),
      ),
    ),
    "idempotency-key": v.exactOptional(
      v.pipe(text("a key", 255), v.description("Names this request, so that it can be sent again.")),
    ),
  }),
  body: { schema: taskBodySchema },
  answers: {
    200: {
      description: "The answer came while the client waited.",
      schema: taskSchema,
      headers: { Location: location },
    },
    202: {
      description: "Kafka has the task, or all of the list.",
      schema: v.union([acceptedListSchema, taskSchema, acceptedSchema]),
      headers: retryAfter,
    },
    413: problemAnswer("The list or the body is too large."),
    415: problemAnswer("The body is not application/json."),
    422: invalid,
    503: problemAnswer(
      "Kafka has not confirmed it. Of a list, `confirmed` names the ids that it has.",
      retryAfter,
    ),
  },
  examples: [
    {
      name: "one",
      body: flower,
      status: 202,
      answer: { task_id: EXAMPLE_TASKS.waiting, status: "PENDING", partition: 3, offset: 17 },
    },
    {
      name: "a list",
      body: [flower, { ...flower, petal_length: 5 }],
      status: 202,
      answer: { tasks: [{ task_id: EXAMPLE_TASKS.waiting }, { task_id: EXAMPLE_TASKS.toCancel }] },
    },
    { name: "with a key", headers: { "idempotency-key": "flower-1" }, body: flower, status: 202 },
    { name: "the same again", headers: { "idempotency-key": "flower-1" }, body: flower, status: 202 },
    { name: "waiting", headers: { prefer: "wait=1" }, body: flower, status: 202 },
    {
      name: "the key of another",
      headers: { "idempotency-key": "flower-1" },
      body: { ...flower, petal_width: 2 },
      status: 422,
    },
    { name: "no flower", body: [flower, { ...flower, petal_width: "wide" }], status: 422 },
  ],
};

const listTasks: Operation = {
  method: "GET",
  path: "/tasks",
  id: "listTasks",
  tag: "tasks",
  summary: "The tasks that the gateway knows, the newest first.",
  query: listQuerySchema,
  answers: { 200: { description: "A page of tasks.", schema: taskListSchema }, 422: invalid },
  examples: [
    { name: "the newest", query: { limit: "2" }, status: 200, answer: { tasks: [task], next: "41" } },
    { name: "what failed", query: { status: "FAILED" }, status: 200 },
    { name: "no status", query: { status: "LOST" }, status: 422 },
  ],
};

const getTask: Operation = {
  method: "GET",
  path: "/tasks/:id",
  id: "getTask",
  tag: "tasks",
  summary: "What became of a task. A failed task is a 200, too.",
  params: taskIdSchema,
  query: waitQuerySchema,
  answers: {
    200: { description: "The task.", schema: taskSchema },
    404: unknown,
    410: forgotten,
    422: invalid,
    503: away,
  },
  examples: [
    { name: "answered", params: { id: EXAMPLE_TASKS.answered }, status: 200, answer: task },
    { name: "waiting", params: { id: EXAMPLE_TASKS.waiting }, query: { wait: "1" }, status: 200 },
    { name: "failed", params: { id: EXAMPLE_TASKS.failed }, status: 200 },
    { name: "unknown", params: { id: EXAMPLE_TASKS.unknown }, status: 404 },
  ],
};

const cancelTask: Operation = {
  method: "DELETE",
  path: "/tasks/:id",
  id: "cancelTask",
  tag: "tasks",
  summary: "Cancels a task that waits or runs.",
  description: "Answered after it is known what came first, the cancellation or an answer.",
  params: taskIdSchema,
  answers: {
    200: { description: "It is cancelled.", schema: taskSchema },
    404: unknown,
    409: problemAnswer("It is finished, or has no id of its own."),
    410: forgotten,
    503: away,
  },
  examples: [
    { name: "waiting", params: { id: EXAMPLE_TASKS.toCancel }, status: 200 },
    { name: "finished", params: { id: EXAMPLE_TASKS.answered }, status: 409 },
  ],
};

const getResult: Operation = {
  method: "GET",
  path: "/tasks/:id/result",
  id: "getResult",
  tag: "tasks",
  summary: "The answer to a task.",
  params: taskIdSchema,
  answers: {
    200: { description: "The answer.", schema: answerSchema },
    202: { description: "There is none yet.", schema: taskSchema, headers: retryAfter },
    404: unknown,
    409: problemAnswer("There is none, and there will be none: it has failed, or was cancelled."),
    410: forgotten,
    503: away,
  },
  examples: [
    {
      name: "answered",
      params: { id: EXAMPLE_TASKS.answered },
      status: 200,
      answer: {
        ...{ task_id: EXAMPLE_TASKS.answered, iris_type: 1, species: "versicolor", model: "4b8c3c2c" },
        probabilities: { setosa: 0, versicolor: 0.96, virginica: 0.04 },
        ...{ worker: "worker-2", duration_ms: 1009 },
      },
    },
    { name: "waiting", params: { id: EXAMPLE_TASKS.waiting }, status: 202 },
    { name: "failed", params: { id: EXAMPLE_TASKS.failed }, status: 409 },
    { name: "cancelled", params: { id: EXAMPLE_TASKS.cancelled }, status: 409 },
  ],
};

const getHistory: Operation = {
  method: "GET",
  path: "/tasks/:id/history",
  id: "getHistory",
  tag: "tasks",
  summary: "Each transition of a task, with the message that says so.",
  params: taskIdSchema,
  answers: {
    200: { description: "The history.", schema: historySchema },
    404: unknown,
    410: forgotten,
    503: away,
  },
  examples: [{ name: "answered", params: { id: EXAMPLE_TASKS.answered }, status: 200 }],
};

export const OPERATIONS: readonly Operation[] = [
  ...[postTasks, listTasks, getTask, cancelTask, getResult, getHistory],
];
