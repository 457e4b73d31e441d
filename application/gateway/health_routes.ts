/** Whether the gateway lives, and whether it can be asked. */
import type { FastifyInstance } from "fastify";
import type { GatewayContext } from "./context.ts";

/** GET /health/live, GET /health/ready. */
export function addHealthRoutes(app: FastifyInstance, { view, queue }: GatewayContext): void {
  app.get("/health/live", () => ({ status: "live" }));

  // Not ready: a balancer sends nothing here until the view has caught up with Kafka.
  app.get("/health/ready", (_request, reply) => {
    const { isCaughtUp, behind } = view.progress();
    const { kafka } = queue.seen();
    const isReady = isCaughtUp && kafka === "up";
    const reason = kafka === "up" ? `the view has ${behind} messages to read` : "Kafka does not answer";
    if (isReady) return { status: "ready", behind };
    return reply.code(503).header("retry-after", "1").send({ status: "not ready", behind, reason });
  });
}
