/** Lets pages that another server has delivered ask this one: a browser forbids it unless the answer allows it. */
import type { RequestHandler } from "express";
import { ExpectationError } from "../common/cli.ts";

/** Reads --cors: `*`, or an origin just as the browser sends it. */
export function parseOrigin(text: string): string {
  if (text === "*" || (/^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text))
    return text;
  throw new ExpectationError('an origin such as http://localhost:5173 (no path, no "/" at its end), or "*"');
}

/** Answers the browser's preflight request (OPTIONS), and marks each answer, errors too, as meant for `origin`. */
export async function allowOrigin(origin: string): Promise<RequestHandler> {
  const { default: cors } = await import("cors");
  return cors({
    origin,
    methods: ["GET", "HEAD", "POST"],
    allowedHeaders: ["Content-Type", "Process-Id"],
    exposedHeaders: ["Retry-After"],
  });
}
