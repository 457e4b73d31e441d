/** What must be corrected in kafkajs 2.2.4 itself. */
import { createRequire } from "node:module";

/**
 * The part of kafkajs' request queue that the correction uses; kafkajs has no types for its inner modules.
 */
interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

let fixed = false;

/**
 * Stops a timer that kafkajs starts on each connection. While nothing waits to be sent, its delay is
 * negative: Node 24 and later print TimeoutNegativeWarning, and every version wakes the process each
 * millisecond, for nothing. A queue with nothing in it needs no timer: adding a request starts one. Call it
 * before the first connection; a second call changes nothing. See
 * https://github.com/tulios/kafkajs/issues/1751 and https://github.com/tulios/kafkajs/issues/1704
 */
export function fixRequestQueueTimer(): void {
  if (fixed) return;
  fixed = true;
  const require = createRequire(import.meta.url);
  const { prototype } = require("kafkajs/src/network/requestQueue") as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}
