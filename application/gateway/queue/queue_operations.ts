/** GET /queue, as the document describes it. */
import type { Operation } from "../openapi/operation.ts";
import { queueSchema } from "./queue_schema.ts";

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/queue",
    id: "getQueue",
    tag: "queue",
    summary: "What waits, who works on it, and since when: what the board draws.",
    answers: { 200: { description: "The queue as it is now.", schema: queueSchema } },
    examples: [{ name: "now", status: 200 }],
  },
];
