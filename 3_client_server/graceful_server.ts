/** node:http's server with a graceful end: it answers the open requests, and waits for nothing else. */
import { once } from "node:events";
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";

export interface GracefulServer {
  server: Server;
  /** How many requests are being answered. */
  countOpen(): number;
  /**
   * Takes no new request. Resolves when the open ones are answered, at the latest after `seconds`: then with
   * how many it gave up.
   */
  close(seconds: number): Promise<number>;
}

/**
 * A server whose responses always emit `close`: when they are sent, or when the client hangs up before that.
 * A client may send its next request before it has the answer to the first one (pipelining). Node 20 and 22
 * emit no `close` for the answer that waits, so here a request begins when the answer before it is sent.
 */
export function createGracefulServer(app: RequestListener, options: ServerOptions = {}): GracefulServer {
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

  const server = createServer(options, (request, response) => {
    if (response.socket !== null) begin(request, response);
    // The response before it emits `close` in this turn of the event loop: this one begins in the next.
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
      // Node's closeIdleConnections() leaves those open that have sent nothing, or half a request:
      // https://github.com/nodejs/node/issues/63452
      const busy = new Set([...open].map(({ req }) => req.socket));
      for (const socket of connections) if (!busy.has(socket)) socket.destroySoon();
      let givenUp = 0;
      const timer = setTimeout(() => {
        givenUp = open.size;
        for (const socket of connections) socket.destroy();
      }, seconds * 1000);
      await once(server, "close");
      clearTimeout(timer);
      return givenUp;
    },
  };
}
