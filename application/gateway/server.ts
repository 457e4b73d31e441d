/** The gateway's HTTP server: what holds for every route, and the routes. */
import { setMaxListeners } from "node:events";
import fastify, { type FastifyInstance } from "fastify";
import { addBoardRoutes } from "./board_routes.ts";
import type { GatewayContext } from "./context.ts";
import { addControlsRoutes } from "./controls/controls_routes.ts";
import { addDeadLetterRoutes } from "./dead_letters/dead_letters_routes.ts";
import { addFiguresRoutes } from "./figures/figures_routes.ts";
import { addHealthRoutes } from "./health_routes.ts";
import { AllowedMethods } from "./http/allowed_methods.ts";
import { answerBrokenHttp } from "./http/broken_http.ts";
import { drain } from "./http/drain.ts";
import { createGuard, type GuardOptions } from "./http/guard.ts";
import { createHttpServer, type HttpServer } from "./http/http_server.ts";
import { Problem, sendProblem, toProblem } from "./http/problem.ts";
import { readBodies, refuseEncoding } from "./http/request_body.ts";
import { addEventRoutes } from "./live/event_routes.ts";
import { addMetricsRoutes } from "./metrics/metrics_routes.ts";
import { addOpenApiRoutes } from "./openapi/openapi_routes.ts";
import { addQueueRoutes } from "./queue/queue_routes.ts";
import { addResultsRoutes } from "./results/results_routes.ts";
import { addElabRoutes } from "./tasks/elab_routes.ts";
import { addTaskRoutes } from "./tasks/task_routes.ts";

/** 10,000 tasks, one a line and indented, have 1.6 MB. */
const BODY_LIMIT = 4 * 1024 * 1024;

/**
 * Builds the server; it listens when it is told to. `onRoute` hears of each route, also of those for HEAD.
 */
export function createGateway(
  context: GatewayContext,
  guardOptions: GuardOptions,
  onRoute: (method: string | string[], path: string) => void = () => {},
): FastifyInstance {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal); // All who wait for news listen to it; Node 20 takes that for a leak.
  let http: HttpServer | undefined;
  const app = fastify({
    serverFactory: (handler) => {
      http = createHttpServer(handler);
      return http.server;
    },
    clientErrorHandler: answerBrokenHttp,
    bodyLimit: BODY_LIMIT,
    // A member named __proto__ is refused, and not dropped in silence.
    onProtoPoisoning: "error",
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: false },
    frameworkErrors: (error, _request, reply) => sendProblem(reply, toProblem(error)),
  });
  app.decorate("ending", ending.signal);
  app.addHook("preClose", async () => {
    http?.end();
    ending.abort();
  });
  readBodies(app);
  // With a line break: in a terminal, the prompt after curl then begins on a line of its own.
  app.setReplySerializer((payload) => `${JSON.stringify(payload)}\n`);
  const guard = createGuard(guardOptions);
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
    guard(request);
    refuseEncoding(request.headers["content-encoding"]);
    done();
  });
  const allowed = new AllowedMethods();
  app.addHook("onRoute", ({ method, url }) => {
    allowed.add(method, url);
    onRoute(method, url);
  });
  app.setErrorHandler(async (error, request, reply) => {
    const problem = toProblem(error, request);
    if (problem.type === "too-large") await drain(request.raw);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.url.split("?");
    const methods = allowed.of(path).join(", ");
    const problem =
      methods === ""
        ? new Problem("not-found", `Nothing at ${path.slice(0, 200)}: GET /openapi.json names every path`)
        : new Problem("method-not-allowed", `Expected ${methods} for this path, got ${request.method}`, {
            headers: { allow: methods },
          });
    return sendProblem(reply, problem);
  });

  addHealthRoutes(app, context);
  addTaskRoutes(app, context);
  addElabRoutes(app, context);
  addQueueRoutes(app, context);
  addEventRoutes(app, context);
  addFiguresRoutes(app, context);
  addMetricsRoutes(app, context);
  addBoardRoutes(app);
  addDeadLetterRoutes(app, context);
  addResultsRoutes(app, context);
  addControlsRoutes(app, context);
  addOpenApiRoutes(app);
  return app;
}
