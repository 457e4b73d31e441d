/** What can be asked of tasks that are in the queue, as the document describes it. */
import { EXAMPLE_TASKS, type Operation, problemAnswer } from "../openapi/operation.ts";
import { taskIdSchema } from "./look_up.ts";
import { flower } from "./post_operations.ts";
import { PROBLEMS_OF_IDS } from "./problem_answers.ts";
import { listQuerySchema, waitQuerySchema } from "./task_queries.ts";
import { historySchema, resultSchema, taskListSchema, taskSchema } from "./task_schemas.ts";

const again = { "Retry-After": "In how many seconds to ask again." };

const { waiting, answered, failed, cancelled, toCancel, unknown } = EXAMPLE_TASKS;
const begun = { attempts: 1, X: flower, accepted_at: "2026-03-01T12:00:00.000Z", partition: 3, offset: 17 };
const done = {
  task_id: answered,
  status: "SUCCESS",
  ...begun,
  started_at: "2026-03-01T12:00:00.004Z",
  ended_at: "2026-03-01T12:00:01.015Z",
  ...{ worker: "worker-2", duration_ms: 1009, iris_type: 1, species: "versicolor", model: "4b8c3c2c" },
};
const queued = {
  task_id: waiting,
  status: "PENDING",
  ...begun,
  ...{ position: 2, as_of: "2026-03-01T12:00:00.250Z", eta_seconds: 3.027 },
};

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/tasks",
    id: "listTasks",
    tag: "tasks",
    summary: "Tasks, the newest first.",
    query: listQuerySchema,
    answers: {
      200: { description: "A page of tasks.", schema: taskListSchema },
      422: problemAnswer("A parameter is wrong; `field` names it."),
    },
    examples: [
      {
        name: "the newest two",
        query: { limit: "2" },
        status: 200,
        answer: { tasks: [queued, done], next: "41" },
      },
      { name: "what one worker answered", query: { worker: "worker-2", status: "SUCCESS" }, status: 200 },
      { name: "a status that is none", query: { status: "LOST" }, status: 422 },
    ],
  },
  {
    method: "GET",
    path: "/tasks/:id",
    id: "getTask",
    tag: "tasks",
    summary: "What became of a task.",
    description: "A task that has failed is a 200, too. With `wait` it is answered when its status changes.",
    params: taskIdSchema,
    query: waitQuerySchema,
    answers: { 200: { description: "The task.", schema: taskSchema }, ...PROBLEMS_OF_IDS },
    examples: [
      { name: "one that waits", params: { id: waiting }, status: 200, answer: queued },
      { name: "one that is answered", params: { id: answered }, status: 200, answer: done },
      { name: "as soon as its status changes", params: { id: waiting }, query: { wait: "1" }, status: 200 },
      { name: "one that nobody knows", params: { id: unknown }, status: 404 },
    ],
  },
  {
    method: "GET",
    path: "/tasks/:id/result",
    id: "getTaskResult",
    tag: "tasks",
    summary: "The answer to a task.",
    params: taskIdSchema,
    answers: {
      200: { description: "The answer.", schema: resultSchema },
      202: { description: "There is none yet: the task.", schema: taskSchema, headers: again },
      409: problemAnswer(
        "There will be none: /problems/task-failed (with `error`) or /problems/task-cancelled.",
      ),
      ...PROBLEMS_OF_IDS,
    },
    examples: [
      {
        name: "an answer",
        params: { id: answered },
        status: 200,
        answer: {
          task_id: answered,
          ...{
            iris_type: 1,
            species: "versicolor",
            model: "4b8c3c2c",
            worker: "worker-2",
            duration_ms: 1009,
          },
          probabilities: { setosa: 0, versicolor: 0.96, virginica: 0.04 },
        },
      },
      { name: "none yet", params: { id: waiting }, status: 202 },
      { name: "of a task that has failed", params: { id: failed }, status: 409 },
      { name: "of a task that was cancelled", params: { id: cancelled }, status: 409 },
    ],
  },
  {
    method: "GET",
    path: "/tasks/:id/history",
    id: "getTaskHistory",
    tag: "tasks",
    summary: "What happened to a task, and which messages of Kafka say so.",
    params: taskIdSchema,
    answers: {
      200: { description: "In the order of time.", schema: historySchema },
      ...PROBLEMS_OF_IDS,
    },
    examples: [
      {
        name: "accepted and answered",
        params: { id: answered },
        status: 200,
        answer: {
          task_id: answered,
          transitions: [
            { kind: "PENDING", at: begun.accepted_at, topic: "tasks", partition: 3, offset: 17 },
            {
              kind: "STARTED",
              at: done.started_at,
              topic: "task-events",
              partition: 0,
              offset: 5,
              worker: "worker-2",
            },
            {
              ...{ kind: "SUCCESS", at: done.ended_at, topic: "results", partition: 0, offset: 17 },
              ...{ worker: "worker-2", outcome: "versicolor" },
            },
          ],
        },
      },
    ],
  },
  {
    method: "DELETE",
    path: "/tasks/:id",
    id: "cancelTask",
    tag: "tasks",
    summary: "Cancels a task.",
    description:
      "One that waits is not begun by an application's worker that has heard of it. One that runs is " +
      "aborted, where its work can be. What was answered first stands.",
    params: taskIdSchema,
    answers: {
      200: { description: "It is cancelled: an answer that still comes does not count.", schema: taskSchema },
      409: problemAnswer("It is finished, perhaps just now (`task_status`); or it has no id."),
      ...PROBLEMS_OF_IDS,
    },
    examples: [
      { name: "one that waits", params: { id: toCancel }, status: 200 },
      { name: "one that is answered", params: { id: answered }, status: 409 },
      { name: "a second time", params: { id: toCancel }, status: 409 },
    ],
  },
];
