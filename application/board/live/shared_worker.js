/**
 * Holds the connection for all tabs of a browser, which opens no more than six to one host over HTTP/1.1.
 * @import { Seat } from "./hub.js"
 */
import { openHub } from "./hub.js";

const hub = openHub();

addEventListener("connect", (event) => {
  const [port] = /** @type {MessageEvent} */ (event).ports;
  if (port === undefined) return;
  /** @type {Seat} */
  const seat = hub.join((message) => port.postMessage(message));
  port.onmessage = ({ data }) => (data === "leave" ? seat.leave() : seat.see(data === "seen"));
});
