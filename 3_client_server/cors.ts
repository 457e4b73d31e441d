/** Lets web pages of another origin ask this server. A browser forbids that unless the server allows it. */
import type { RequestHandler } from "express";
import { ExpectationError } from "../common/cli.ts";

/** Reads --cors: `*` for every page, or an origin as the browser sends it. */
export function parseOrigin(text: string): string {
  if (text === "*") return text;
  if (/^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text) return text;
  throw new ExpectationError('an origin such as http://localhost:5173 (no path, no "/" at its end), or "*"');
}

/** Answers the browser's preflight request (OPTIONS), and lets `origin` read every answer, errors too. */
export async function allowOrigin(origin: string): Promise<RequestHandler> {
  const { default: cors } = await import("cors");
  return cors({
    origin,
    methods: ["GET", "HEAD", "POST"],
    allowedHeaders: ["Content-Type", "Process-Id"],
    exposedHeaders: ["Retry-After"],
  });
}
