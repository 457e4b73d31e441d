/** What a body of a request may be: JSON as it is; on some routes none. */
import type { FastifyInstance } from "fastify";
import { show } from "../../../common/iris.ts";
import { Problem } from "./problem.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** An empty body is none, whatever its type. */
    isBodyOptional?: boolean;
  }
}

/** To be called before the routes are added. */
export function readBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  // Fastify reads text/plain, too. Here a body is JSON, or its route says otherwise.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    const isOptional = request.method === "DELETE" || request.routeOptions.config.isBodyOptional === true;
    // Many clients name the type, also where they send nothing.
    if (body === "" && isOptional) done(null, undefined);
    else void parse(request, body, done);
  });
}

/** RFC 9110, 8.4.1: what is encoded in a way that we do not know must not be taken for something else. */
export function refuseEncoding(encoding: string | undefined): void {
  if (encoding === undefined || encoding.toLowerCase() === "identity") return;
  const detail = `Expected a body without Content-Encoding, got ${show(encoding)}`;
  throw new Problem("encoded-body", detail, { headers: { "accept-encoding": "identity" } });
}
