/** Work for a client ends with its connection. */
import type { FastifyReply } from "fastify";

/** A signal that is aborted when the connection closes before the answer is sent. */
export function abortedOnHangUp(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
