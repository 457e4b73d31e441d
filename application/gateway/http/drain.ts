/**
 * A connection that is closed while bytes of it are unread is reset, and the client may lose the answer that
 * says why. So the rest of a body that is refused is read first, and dropped.
 */
import type { IncomingMessage } from "node:http";

/** So long a client may go on sending before it is answered. */
const LIMIT_MS = 1000;

/** Resolves when the request has been read to its end, at the latest after LIMIT_MS. */
export async function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LIMIT_MS);
    request.once("end", resolve).once("close", resolve).resume();
  });
  clearTimeout(timer);
}
