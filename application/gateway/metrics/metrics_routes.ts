/** GET /metrics: for Prometheus. */
import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Registry } from "prom-client";
import type { GatewayContext } from "../context.ts";
import { eventHubOf } from "../live/event_routes.ts";
import { queueReaderOf } from "../queue/queue_reader.ts";
import { addHttpMetrics } from "./http_metrics.ts";
import { addKafkaMetrics } from "./kafka_metrics.ts";
import { addTaskMetrics } from "./task_metrics.ts";

/** Sums of others, under a name that promtool wants for counters alone. */
const DOUBLED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** GET /metrics, in the text format of Prometheus. */
export function addMetricsRoutes(app: FastifyInstance, context: GatewayContext): void {
  const registry = new Registry();
  addKafkaMetrics(registry, context);
  addTaskMetrics(registry, context, queueReaderOf(context));
  const hub = eventHubOf(context);
  addHttpMetrics(registry, app, () => hub.size);
  collectDefaultMetrics({ register: registry });
  for (const name of DOUBLED) registry.removeSingleMetric(name);

  app.get("/metrics", async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
