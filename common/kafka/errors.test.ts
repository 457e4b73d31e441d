import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from "kafkajs";
import { expect, test } from "vitest";
import { ProgramError } from "../errors.ts";
import { explainRefusal, isOutage } from "./errors.ts";

const protocolError = (message: string, retriable: boolean) => {
  const error = new KafkaJSProtocolError(message);
  Object.assign(error, { retriable });
  return error;
};

test("an outage is what passes by itself", () => {
  expect(isOutage(new KafkaJSConnectionError("connect ECONNREFUSED 127.0.0.1:9092"))).toBe(true);
  expect(isOutage(protocolError("The request timed out", true))).toBe(true);
  expect(isOutage(new Error("outer", { cause: new KafkaJSConnectionError("Closed connection") }))).toBe(true);
  const many = Object.assign(new Error("several"), {
    errors: [new Error("x"), new Error("read ECONNRESET")],
  });
  expect(isOutage(many)).toBe(true);
});

test("a refusal is no outage, however often it was tried", () => {
  const refused = protocolError("Not authorized to access topics: [Topic authorization failed]", false);
  expect(isOutage(refused)).toBe(false);
  expect(isOutage(new KafkaJSNumberOfRetriesExceeded(refused, { retryCount: 5, retryTime: 1 }))).toBe(false);
  expect(isOutage(new TypeError("x is not a function"))).toBe(false);
  expect(isOutage("text")).toBe(false);
});

test.each([
  ["This record has failed the validation on broker and hence will be rejected", "must not be compacted"],
  ["The request included a message larger than the max message size the server will accept", "send less"],
  ["Not authorized to access topics", "ask the operator"],
])("%s: the line says what to do", (message, advice) => {
  const error = explainRefusal(protocolError(message, false), "messages to tasks");
  expect(error.message.startsWith(`Kafka refused messages to tasks: ${message}. Next: `)).toBe(true);
  expect(error.message).toContain(advice);
  expect(error).toMatchObject({ kind: "refused", exitCode: 1, cause: expect.any(KafkaJSProtocolError) });
});

test("an error of our own stays as it is, however deep kafkajs nests it", () => {
  const ours = new ProgramError("Cannot load the library that reads lz4");
  const nested = new Error("not retriable", { cause: new Error("outer", { cause: ours }) });
  expect(explainRefusal(nested, "the consumer group")).toBe(ours);
});
