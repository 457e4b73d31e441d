/** One open stream of server-sent events. */
import type { ServerResponse } from "node:http";

/** A browser waits so long before it connects again. */
const RETRY_MS = 1000;
/** What a client has not read yet and may keep in our memory. */
const LARGEST_BACKLOG = 1024 * 1024;

const HEAD = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  // A proxy must not collect the events before it passes them on.
  "x-accel-buffering": "no",
  // It lasts until one side closes it, so it needs no chunks.
  connection: "close",
};

/** Sends to one client, and drops it when it reads too slowly. */
export class EventStream {
  readonly #response: ServerResponse;
  #wasBehind = false;

  /** Sends the head at once. `onClose` is called once, whoever closes the stream. */
  constructor(response: ServerResponse, headers: Record<string, string>, onClose: () => void) {
    this.#response = response;
    response.useChunkedEncodingByDefault = false;
    response.once("close", onClose);
    response.on("error", () => {}); // A client that is gone; "close" follows.
    response.socket?.setNoDelay(true);
    response.socket?.setTimeout(0); // Node's limit for a silent connection; ours speaks every 15 s.
    response.writeHead(200, { ...headers, ...HEAD });
    response.write(`retry: ${RETRY_MS}\n\n`);
  }

  /** A client that reads more slowly than it is told is dropped: it connects again, and resumes. */
  send(chunk: Buffer | string): void {
    if (this.#response.destroyed) return;
    if (this.#response.writableLength > LARGEST_BACKLOG) this.#response.destroy();
    else this.#response.write(chunk);
  }

  /**
   * Keeps the connection open where something in between closes silent ones. A client that has read nothing
   * since the last time is dropped.
   */
  beat(): void {
    const isBehind = this.#response.writableLength > 0;
    if (isBehind && this.#wasBehind) this.#response.destroy();
    else this.send(": heartbeat\n\n");
    this.#wasBehind = isBehind;
  }

  end(): void {
    this.#response.end();
    // Who does not read would hold up the end of the gateway.
    if (this.#response.writableLength > 0) this.#response.destroy();
  }
}

/** An event as it goes over the line. `data` is JSON, which has no line breaks. */
export function formatEvent(event: string, data: string, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}
