/**
 * Follows `GET /events`. It runs in the shared worker, or in the tab itself where a browser has none.
 * @import { LiveEvent } from "./store.js"
 */

/** @type {readonly ("state" | "resync" | "changes" | "queue")[]} */
const NAMES = ["state", "resync", "changes", "queue"];
const RETRY_MS = 1000;

/**
 * Closed at first. Opened again, it goes on behind the event that came last: nothing is missed meanwhile.
 * @param {(event: LiveEvent) => void} onEvent
 * @returns {{ open(): void, close(): void }}
 */
export function createSource(onEvent) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let retry;
  let lastId = "";

  function connect() {
    // A browser that reconnects by itself sends the id in a header; a new EventSource cannot.
    const opened = new EventSource(
      lastId === "" ? "/events" : `/events?last_event_id=${encodeURIComponent(lastId)}`,
    );
    source = opened;
    opened.onopen = () => onEvent({ name: "link", link: "live" });
    for (const name of NAMES) {
      opened.addEventListener(name, ({ data, lastEventId }) => {
        // A new EventSource has none until an event brings one, and that of the queue does not.
        if (lastEventId !== "") lastId = lastEventId;
        onEvent({ name, data: JSON.parse(data) });
      });
    }
    opened.onerror = () => {
      onEvent({ name: "link", link: "lost" });
      // It gives up when the answer is an error: the gateway is there, and not ready.
      if (opened.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY_MS);
    };
  }

  return {
    open() {
      if (source === undefined) connect();
    },
    close() {
      clearTimeout(retry);
      source?.close();
      source = undefined;
      onEvent({ name: "link", link: "connecting" });
    },
  };
}
