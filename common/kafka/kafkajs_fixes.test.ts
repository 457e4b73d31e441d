import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { fixKafkajs } from "./kafkajs_fixes.ts";

const RequestQueue = createRequire(import.meta.url)("kafkajs/src/network/requestQueue");

beforeAll(() => fixKafkajs());

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
  fixKafkajs();
  expect(RequestQueue.prototype.scheduleCheckPendingRequests).toBe(method);
});

describe("a consumer whose topic has changed", () => {
  const ConsumerGroup = createRequire(import.meta.url)("kafkajs/src/consumer/consumerGroup");

  function newGroup() {
    const calls: string[] = [];
    const group = {
      cluster: {
        refreshMetadata: async () => calls.push("refresh"),
        removeBroker: () => calls.push("remove"),
      },
      joinAndSync: async () => calls.push("join"),
      logger: { warn: () => {}, debug: () => {}, error: () => {} },
    };
    const recover = (error: object): Promise<void> =>
      ConsumerGroup.prototype.recoverFromFetch.call(group, error);
    return { calls, recover };
  }

  test.each([
    [{ name: "KafkaJSStaleTopicMetadataAssignment", message: "Topic has been updated" }, []],
    [{ name: "KafkaJSProtocolError", type: "NOT_LEADER_FOR_PARTITION", message: "moved" }, ["refresh"]],
    [{ name: "KafkaJSTopicMetadataNotLoaded", message: "not loaded" }, ["refresh"]],
  ])("%j is a rebalance: it commits before it joins again", async (error, calls) => {
    const group = newGroup();
    await expect(group.recover(error)).rejects.toMatchObject({ type: "REBALANCE_IN_PROGRESS" });
    expect(group.calls).toEqual(calls);
  });

  test("what is no change goes on as before", async () => {
    const group = newGroup();
    await group.recover({ name: "KafkaJSConnectionClosedError" });
    expect(group.calls).toEqual(["remove"]);
    await expect(group.recover(new Error("other"))).rejects.toThrow("other");
  });
});
