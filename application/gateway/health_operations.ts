/** The gateway's health, as the document describes it. */
import * as v from "valibot";
import type { Operation } from "./openapi/operation.ts";

const behind = v.pipe(v.number(), v.description("Messages that it has still to read."));

export const OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/health/live",
    id: "isLive",
    tag: "service",
    summary: "Whether the gateway lives.",
    answers: { 200: { description: "It does.", schema: v.object({ status: v.literal("live") }) } },
    examples: [{ name: "live", status: 200, answer: { status: "live" } }],
  },
  {
    method: "GET",
    path: "/health/ready",
    id: "isReady",
    tag: "service",
    summary: "Whether the gateway has caught up with Kafka.",
    answers: {
      200: { description: "It has.", schema: v.object({ status: v.literal("ready"), behind }) },
      503: {
        description: "Not yet, or Kafka is away.",
        schema: v.object({ status: v.literal("not ready"), behind, reason: v.string() }),
      },
    },
    examples: [{ name: "ready", status: 200, answer: { status: "ready", behind: 0 } }],
  },
];
