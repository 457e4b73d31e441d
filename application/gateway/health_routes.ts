/** Whether the gateway lives, and whether it can be asked. */
import type { FastifyInstance } from "fastify";
import type { GatewayContext } from "./context.ts";
import { Problem } from "./http/problem.ts";

/** GET /health/live, GET /health/ready. */
export function addHealthRoutes(app: FastifyInstance, { view, queue }: GatewayContext): void {
  app.get("/health/live", () => ({ status: "live" }));

  // Not ready: a balancer sends nothing here until the view has caught up with Kafka.
  app.get("/health/ready", () => {
    const { isCaughtUp, behind } = view.progress();
    const { kafka } = queue.seen();
    if (isCaughtUp && kafka === "up") return { status: "ready", behind };
    const detail = kafka === "up" ? `The view has ${behind} messages to read` : "Kafka does not answer";
    throw new Problem("not-ready", `${detail}: ask again`, {
      extra: { behind },
      headers: { "retry-after": "1" },
    });
  });
}
