/** GET /openapi.json, and an explanation for each type of problem. */
import type { FastifyInstance } from "fastify";
import { parseParameters } from "../http/parameters.ts";
import { Problem } from "../http/problem.ts";
import { PROBLEM_TYPES } from "../http/problem_types.ts";
import { openApiDocument } from "./document.ts";
import { nameParams } from "./openapi_operations.ts";
import { OPERATIONS, SCHEMAS } from "./operations.ts";

/** GET /openapi.json, and the explanations to which the `type` of a problem leads. */
export function addOpenApiRoutes(app: FastifyInstance): void {
  let document: string | undefined;

  app.get("/openapi.json", async (_request, reply) => {
    document ??= `${JSON.stringify(openApiDocument(OPERATIONS, SCHEMAS))}\n`;
    return reply.type("application/json; charset=utf-8").send(document);
  });

  app.get("/problems/:name", async (request) => {
    const { name } = parseParameters(nameParams, request.params);
    const entry = Object.entries(PROBLEM_TYPES).find(([type]) => type === name);
    if (entry === undefined) {
      const known = Object.keys(PROBLEM_TYPES).join(", ");
      throw new Problem("not-found", `No problem has this name: there are ${known}`);
    }
    const [, [status, title, explanation]] = entry;
    return { type: `/problems/${name}`, title, status, explanation };
  });
}
