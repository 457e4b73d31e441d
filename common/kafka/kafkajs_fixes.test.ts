import { createRequire } from "node:module";
import { beforeAll, expect, test } from "vitest";
import { fixRequestQueueTimer } from "./kafkajs_fixes.ts";

const RequestQueue = createRequire(import.meta.url)("kafkajs/src/network/requestQueue");

beforeAll(() => fixRequestQueueTimer());

function newQueue() {
  const logger = { debug: () => {}, warn: () => {} };
  return new RequestQueue({ requestTimeout: 1000, enforceRequestTimeout: false, logger });
}

function request(correlationId: number, sendRequest: () => void) {
  return { entry: { correlationId, resolve: () => {} }, expectResponse: true, sendRequest };
}

test("while nothing waits to be sent, kafkajs starts no timer", () => {
  const queue = newQueue();
  queue.push(request(1, () => {}));
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

test("a request that a throttled connection holds back is still sent", async () => {
  const queue = newQueue();
  queue.maybeThrottle(20);
  await new Promise<void>((sent) => queue.push(request(1, sent)));
  expect(queue.inflight.size).toBe(1);
});

test("fixing it twice changes nothing more", () => {
  const method = RequestQueue.prototype.scheduleCheckPendingRequests;
  fixRequestQueueTimer();
  expect(RequestQueue.prototype.scheduleCheckPendingRequests).toBe(method);
});
