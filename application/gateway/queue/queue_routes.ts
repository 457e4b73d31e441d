/** GET /queue: what waits, who works on it, and since when. */
import type { FastifyInstance } from "fastify";
import type { GatewayContext } from "../context.ts";
import { toQueueJson } from "./queue_json.ts";
import { queueReaderOf } from "./queue_reader.ts";
import type { QueueJson } from "./queue_schema.ts";

/** GET /queue. */
export function addQueueRoutes(app: FastifyInstance, context: GatewayContext): void {
  const reader = queueReaderOf(context);
  app.get("/queue", (): QueueJson => toQueueJson(reader.read()));
}
