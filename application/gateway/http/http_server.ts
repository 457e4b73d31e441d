/** node:http's server for Fastify: slow clients are cut off, and its end keeps nobody waiting. */
import type { RequestListener, Server } from "node:http";
import { createGracefulServer } from "../../../3_client_server/graceful_server.ts";
import { plural } from "../../../common/plural.ts";
import { refuseExpectation } from "./broken_http.ts";

/** A client that takes longer to send its request is answered 408. */
const REQUEST_TIMEOUT_MS = 30_000;
/** So often Node looks for them; by default every 30 s. */
const CHECK_MS = 2000;
/** A connection without a request is closed after so long. */
const IDLE_MS = 60_000;
/**
 * So long open requests are answered after the end has begun. With what the queue's watch and the view take
 * then, it stays below the 8 s and 10 s that whoever has started the gateway gives it.
 */
const LONGEST_END_SECONDS = 4;

export interface HttpServer {
  server: Server;
  /** Takes no new request, and closes each connection as soon as its request is answered. */
  end(): void;
}

/**
 * Fastify closes at its end what is idle, but not a connection on which half a request has come, or nothing.
 */
export function createHttpServer(handler: RequestListener): HttpServer {
  const { server, close } = createGracefulServer(handler, {
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: IDLE_MS,
    // Node would answer with a status and no more; the guard says why.
    requireHostHeader: false,
  });
  server.on("checkExpectation", refuseExpectation);
  return {
    server,
    end: () =>
      void close(LONGEST_END_SECONDS).then((givenUp) => {
        if (givenUp === 0) return;
        console.log(`${plural(givenUp, "open request")} got no answer in ${LONGEST_END_SECONDS} s`);
      }),
  };
}
