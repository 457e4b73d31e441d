/** Work for a client ends with its connection, and with the gateway. */
import type { FastifyReply } from "fastify";

declare module "fastify" {
  interface FastifyInstance {
    /** Aborted when the gateway ends: who waits then for news is answered at once. */
    ending: AbortSignal;
  }
}

/** Made once: a new one for each request would take as long as reading a row. */
const OVER = new Error("The client has its answer or has hung up, or the gateway ends");

/** A signal that is aborted when the client hangs up or has its answer, or when the gateway ends. */
export function abortedOnHangUp(reply: FastifyReply): AbortSignal {
  const { raw, server } = reply;
  const controller = new AbortController();
  const abort = () => controller.abort(OVER);
  server.ending.addEventListener("abort", abort);
  const end = () => {
    server.ending.removeEventListener("abort", abort);
    abort();
  };
  // It may have hung up while something else was awaited: "close" does not come again.
  if (server.ending.aborted || raw.destroyed) end();
  else raw.once("close", end);
  return controller.signal;
}
