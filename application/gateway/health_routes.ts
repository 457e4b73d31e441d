/** Whether the gateway lives, and whether it can be asked. */
import type { FastifyInstance } from "fastify";
import type { GatewayContext } from "./context.ts";
import { notReady } from "./deadline.ts";

/** GET /health/live, GET /health/ready. */
export function addHealthRoutes(app: FastifyInstance, { view, queue }: GatewayContext): void {
  app.get("/health/live", () => ({ status: "live" }));

  // Not ready: a balancer sends nothing here until the view has caught up with Kafka.
  app.get("/health/ready", () => {
    const { isCaughtUp, behind } = view.progress();
    const { kafka, problem } = queue.seen();
    if (kafka !== "up") throw notReady(behind, "Kafka does not answer: start it");
    if (problem !== undefined) throw notReady(behind, problem);
    if (!isCaughtUp) throw notReady(behind);
    return { status: "ready", behind };
  });
}
