/** POST /tasks, as the document describes it. */
import * as v from "valibot";
import { postHeadersSchema } from "../http/headers.ts";
import type { Operation } from "../openapi/operation.ts";
import { PROBLEMS_OF_SENDING } from "./problem_answers.ts";
import { taskBodySchema } from "./task_body.ts";
import { acceptedListSchema, acceptedSchema, taskSchema } from "./task_schemas.ts";

export const flower = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
const task_id = "f3f1a9de-6c0e-4f0e-8a57-6f2a3d1c7b20";

export const OPERATIONS: readonly Operation[] = [
  {
    method: "POST",
    path: "/tasks",
    id: "postTasks",
    tag: "tasks",
    summary: "Puts one task, or a list of them, into the queue.",
    description:
      "It is accepted (202) when every in-sync replica of Kafka has it, and answered later, by whatever " +
      "worker. One bad element refuses a whole list.",
    headers: postHeadersSchema,
    body: { schema: taskBodySchema },
    answers: {
      200: {
        description: "Of a single task with `Prefer: wait`: it is finished.",
        schema: taskSchema,
        headers: {
          Location: "Where the task can be asked for.",
          "Preference-Applied": "How long the gateway was ready to wait.",
        },
      },
      202: {
        description: "Kafka has it. A list is answered by a list, in the same order.",
        schema: v.union([taskSchema, acceptedSchema, acceptedListSchema]),
        headers: { "Retry-After": "In how many seconds to ask for it. A single task also has a Location." },
      },
      ...PROBLEMS_OF_SENDING,
    },
    examples: [
      {
        name: "one task",
        body: flower,
        status: 202,
        answer: { task_id, status: "PENDING", partition: 3, offset: 17 },
      },
      {
        name: "a list",
        body: [flower, { ...flower, petal_length: 1.4, petal_width: 0.2 }],
        status: 202,
        answer: { tasks: [{ task_id }, { task_id: "a5a8f0f6-4a0a-4c58-9d6d-6a7d3c1be0a4" }] },
      },
      {
        name: "one task, however often it is sent",
        headers: { "idempotency-key": "my-first-flower" },
        body: flower,
        status: 202,
      },
      {
        name: "the same key for another task",
        headers: { "idempotency-key": "my-first-flower" },
        body: { ...flower, sepal_length: 7 },
        status: 422,
      },
      { name: "waiting for the answer", headers: { prefer: "wait=1" }, body: flower, status: 202 },
      { name: "not a flower", body: { ...flower, petal_width: "abc" }, status: 422 },
    ],
  },
];
