/** What the server answers: JSON. An error is {"error":{"code":...,"message":...}} with the right status. */
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { InputError } from "../common/errors.ts";
import { printableLines } from "../common/printable.ts";

/** An error with its HTTP status. `details` are further fields of the JSON body. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: object;

  constructor(status: number, code: string, message: string, details = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Sends JSON and a line break: in a terminal, the prompt after curl then begins on a line of its own. */
export function sendJson(response: Response, body: object, status = 200): void {
  const text = `${JSON.stringify(body)}\n`;
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
}

/** The parsed body, undefined when it is empty. Throws HttpError when its type is not JSON. */
export function bodyOf(request: Request): unknown {
  const type = request.get("content-type") ?? "no type";
  if (request.body !== undefined || /\bjson\b/i.test(type)) return request.body;
  throw new HttpError(415, "not_json", `Expected a body of type application/json, got ${type}`);
}

/** Answers 405 and names the methods that there are (RFC 9110, 15.5.6). */
export function onlyAllow(methods: string): RequestHandler {
  return (request, response) => {
    response.set("Allow", methods);
    throw new HttpError(
      405,
      "method_not_allowed",
      `Expected ${methods} for ${request.path}, got ${request.method}`,
    );
  };
}

/** Answers 404 and names the requests that there are. */
export function answerNotFound(known: string[]): RequestHandler {
  return (request) => {
    throw new HttpError(404, "not_found", `Nothing at ${request.path}: there are ${known.join(", ")}`);
  };
}

/** The body parser's names for its errors, and what we answer. */
const BODY_ERRORS: Record<string, [code: string, message: string]> = {
  "entity.parse.failed": ["malformed_json", "Expected a JSON body, but it could not be parsed"],
  "entity.too.large": ["too_large", "Expected a body of at most 16 kB"],
};

/** Turns every error into an answer. Express recognizes an error handler by its four parameters. */
export const answerErrors: ErrorRequestHandler = (error, _request, response, _next) => {
  if (response.destroyed) return; // The client hung up; there is nobody to answer.
  const { status, code, message, details } = toHttpError(error);
  sendJson(response, { error: { code, message, ...details } }, status);
};

function toHttpError(error: Error & { status?: number; type?: string }): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof InputError) {
    const { field, expected, got, message } = error;
    return new HttpError(422, "invalid_input", message, { field, expected, got });
  }
  const status = error.status ?? 500;
  if (status >= 500) {
    console.error(`Unexpected error: ${printableLines(inspect(error))}`);
    return new HttpError(500, "internal", "The server failed; its log says why");
  }
  const [code, message] = BODY_ERRORS[error.type ?? ""] ?? ["bad_request", error.message];
  return new HttpError(status, code, message);
}

const HTTP_FAULTS: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers what is not HTTP, and so never reaches Express. */
export function answerBrokenHttp(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return;
  const status = HTTP_FAULTS[error.code ?? ""] ?? 400;
  const message = `Expected an HTTP request: ${error.message}`;
  const body = `${JSON.stringify({ error: { code: "bad_http", message } })}\n`;
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // end() alone would leave the connection open until the client closes its side as well.
  (socket as Socket).destroySoon();
}
