/** The routes for whoever looks after the gateway, as the document describes them. */
import * as v from "valibot";
import { type Operation, problemAnswer } from "./openapi/operation.ts";

export const readySchema = v.object({
  status: v.literal("ready"),
  behind: v.pipe(
    v.number(),
    v.integer(),
    v.description("Messages of Kafka that the view has still to read."),
  ),
});

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/health/live",
    id: "isLive",
    tag: "service",
    summary: "Whether the gateway lives.",
    answers: { 200: { description: "It does.", schema: v.object({ status: v.literal("live") }) } },
    examples: [{ name: "it lives", status: 200, answer: { status: "live" } }],
  },
  {
    method: "GET",
    path: "/health/ready",
    id: "isReady",
    tag: "service",
    summary: "Whether the gateway should be asked: its view has caught up with Kafka, and Kafka answers.",
    answers: {
      200: { description: "It should.", schema: readySchema },
      503: problemAnswer("Not now; `behind` is how many messages of Kafka the view has still to read.", {
        "Retry-After": "In how many seconds to ask again.",
      }),
    },
    examples: [{ name: "it is ready", status: 200, answer: { status: "ready", behind: 0 } }],
  },
];
