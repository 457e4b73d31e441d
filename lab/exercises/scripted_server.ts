/** A server for stage 3's client that answers what it is told to, one answer after the other, and notes what it was asked. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { atEnd } from "../harness/cleanup.ts";

export interface ScriptedAnswer {
  status: number;
  body: object;
  /** Seconds, for the header Retry-After. */
  retryAfter?: number;
}

export interface ScriptedServer {
  url: string;
  /** Each request's body, and when it came, in milliseconds. */
  requests: { body: string; at: number }[];
  close(): Promise<void>;
}

/** Serves on a free port; after the last answer it repeats that. */
export async function serve(script: readonly ScriptedAnswer[]): Promise<ScriptedServer> {
  const requests: ScriptedServer["requests"] = [];
  const server = createServer(async (request, response) => {
    const at = performance.now();
    const chunks: Buffer[] = await request.toArray();
    requests.push({ body: Buffer.concat(chunks).toString(), at });
    const answer = script[requests.length - 1] ?? script.at(-1);
    const { status, body, retryAfter } = answer ?? { status: 500, body: {} };
    if (retryAfter !== undefined) response.setHeader("Retry-After", String(retryAfter));
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  atEnd(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}
