/** node:http's server, and two things that it lacks: an end that waits for open requests alone, and turns. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface GracefulServer {
  server: Server;
  /** How many requests are being answered. */
  countOpen(): number;
  /** Takes no new request, and resolves when the open ones are answered, at the latest after `seconds`. */
  close(seconds: number): Promise<void>;
}

/**
 * A server whose responses always emit `close`: when they are sent, or when the client has hung up before.
 * Node emits none for a response that is queued behind another one when the connection is lost. A request
 * that was sent without waiting for the answer before it (pipelined) therefore begins when its turn comes.
 */
export function createGracefulServer(app: RequestListener): GracefulServer {
  const connections = new Set<Socket>();
  const open = new Set<ServerResponse>();
  let closing = false;

  const begin: RequestListener = (request, response) => {
    const { socket } = request;
    if (closing || socket.destroyed) return;
    open.add(response);
    response.once("close", () => {
      open.delete(response);
      if (closing) socket.destroySoon();
    });
    app(request, response);
  };

  const server = createServer((request, response) => {
    if (response.socket !== null) begin(request, response);
    // The response before it emits `close` in this turn of the event loop, so this one begins in the next.
    else response.once("socket", () => setImmediate(begin, request, response));
  });
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });

  return {
    server,
    countOpen: () => open.size,
    async close(seconds) {
      closing = true;
      server.close();
      // Node's closeIdleConnections() leaves those that have sent nothing, or half a request:
      // https://github.com/nodejs/node/issues/63452
      const busy = new Set([...open].map(({ req }) => req.socket));
      for (const socket of connections) if (!busy.has(socket)) socket.destroySoon();
      const timer = setTimeout(() => {
        for (const socket of connections) socket.destroy();
      }, seconds * 1000);
      await once(server, "close");
      clearTimeout(timer);
    },
  };
}
