/** The limit of open requests, by uvicorn's rule: at the limit the answer is 503, and the work is gone. */
import type { RequestHandler } from "express";
import { ExpectationError, wholeNumber } from "../common/cli.ts";
import { HttpError } from "./rest_errors.ts";

/** Reads --limit-concurrency. */
export function parseLimit(text: string): number {
  if (text !== "1") return wholeNumber(2)(text);
  throw new ExpectationError("2 or more: a request counts itself, so 1 would refuse every request");
}

/**
 * Refuses a request when `limit` or more are open, itself included; `retryAfter` is in seconds. It relies on
 * the event `close` of each response, which Node 20 and 22 do not always emit: see graceful_server.ts.
 */
export function limitConcurrency(limit: number, retryAfter: number): RequestHandler {
  let open = 0;
  return (_request, response, next) => {
    open += 1;
    response.once("close", () => {
      open -= 1;
    });
    if (open < limit) return next();
    response.set("Retry-After", String(retryAfter));
    const message = `The server is at its limit of ${limit} open requests, try again in ${retryAfter} s`;
    throw new HttpError(503, "at_limit", message, { limit_concurrency: limit });
  };
}
