/** Answers what is not HTTP, and so never reaches a route. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { Problem } from "./problem.ts";
import type { ProblemType } from "./problem_types.ts";

const FAULTS: Record<string, [ProblemType, detail: string]> = {
  HPE_HEADER_OVERFLOW: ["header-too-large", "Expected at most 16 kB of header fields"],
  ERR_HTTP_REQUEST_TIMEOUT: ["request-timeout", "Expected the whole request within 30 s"],
};

/** For node:http's event clientError. */
export function answerBrokenHttp(
  error: NodeJS.ErrnoException,
  socket: Duplex & { destroySoon?(): void },
): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [type, detail] = FAULTS[error.code ?? ""] ?? ["bad-request", "Expected an HTTP request"];
  const problem = new Problem(type, detail);
  const body = `${JSON.stringify(problem)}\n`;
  socket.write(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
  // end() alone would leave the connection open until the client closes its side as well.
  if (socket.destroySoon === undefined) socket.destroy();
  else socket.destroySoon();
}

/** For node:http's event checkExpectation: a header Expect that asks for something else than 100-continue. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const problem = new Problem(
    "unknown-expectation",
    "Expected the header Expect to be 100-continue, or none",
  );
  const body = `${JSON.stringify(problem)}\n`;
  response.writeHead(problem.status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  response.end(body);
}
