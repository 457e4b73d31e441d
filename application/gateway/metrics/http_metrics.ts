/** How long requests take. */
import type { FastifyInstance } from "fastify";
import { Gauge, Histogram, type Registry } from "prom-client";

/** A single request takes milliseconds; one that waits for a change, up to a minute. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A stream lasts as long as its page is open: that says nothing of the gateway. */
const LEFT_OUT = ["/events"];

/** `countStreams` tells how many are open. */
export function addHttpMetrics(registry: Registry, app: FastifyInstance, countStreams: () => number): void {
  new Gauge({
    name: "iris_event_streams",
    help: "Open streams of live events",
    registers: [registry],
    collect() {
      this.set(countStreams());
    },
  });
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from a request's head to the end of its answer",
    labelNames: ["method", "route", "code"],
    buckets: BOUNDS,
    registers: [registry],
  });
  app.addHook("onResponse", (request, reply, done) => {
    // The template, such as /tasks/:id: a label for each id would fill Prometheus' memory.
    const { url: route = "unmatched" } = request.routeOptions;
    if (!LEFT_OUT.includes(route)) {
      const labels = { method: methodOf(request.method), route, code: reply.statusCode };
      duration.observe(labels, reply.elapsedTime / 1000);
    }
    done();
  });
}

/** Methods that no route has are one. */
function methodOf(method: string): string {
  return ["GET", "HEAD", "POST", "DELETE"].includes(method) ? method : "other";
}
