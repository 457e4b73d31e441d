import { expect, test } from "vitest";
import { createPartitioner } from "./partitioner.ts";

const metadata = (partitionId: number) => ({
  partitionId,
  leader: 1,
  partitionErrorCode: 0,
  replicas: [1],
  isr: [1],
});
const partitionMetadata = [0, 1, 2, 3].map(metadata);

function send(messages: { key: string | Buffer | null }[]): number[] {
  const choose = createPartitioner(new WeakMap());
  return messages.map((message) =>
    choose({ topic: "tasks", partitionMetadata, message: { ...message, value: "" } }),
  );
}

test("without a key, messages are spread evenly", () => {
  expect(send(new Array(4).fill({ key: null })).sort()).toEqual([0, 1, 2, 3]);
});

test("a key has one partition, the same for each producer", () => {
  expect(new Set([...send(new Array(4).fill({ key: "a" })), ...send([{ key: "a" }])]).size).toBe(1);
});

test("a key of a megabyte is not hashed, which would take hours", () => {
  expect(send(new Array(4).fill({ key: Buffer.alloc(2 ** 20, 1) })).sort()).toEqual([0, 1, 2, 3]);
});

test("a message that is sent again keeps its partition", () => {
  const choose = createPartitioner(new WeakMap());
  const message = { value: "" };
  const choice = { topic: "tasks", partitionMetadata, message };
  expect(new Set([choose(choice), choose(choice), choose(choice)]).size).toBe(1);
});
