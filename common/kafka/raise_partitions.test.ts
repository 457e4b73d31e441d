import type { Admin } from "kafkajs";
import { expect, test } from "vitest";
import type { KafkaConnection } from "./client.ts";
import { raisePartitions } from "./raise_partitions.ts";

/** A Kafka that refuses to raise, and whose metadata shows these numbers of partitions, the last one for good. */
function refusingKafka(type: string, ...counts: number[]): Pick<KafkaConnection, "ask"> {
  const admin = {
    createPartitions: async () => {
      throw Object.assign(new Error("refused"), { type });
    },
    fetchTopicMetadata: async () => {
      const count = (counts.length > 1 ? counts.shift() : counts[0]) ?? 0;
      return { topics: [{ name: "tasks", partitions: Array(count).fill({}) }] };
    },
    fetchTopicOffsets: async () => [],
  };
  return { ask: (question) => question(admin as unknown as Admin) };
}

test("another program was first, and the broker's metadata lags behind", async () => {
  await raisePartitions(refusingKafka("INVALID_PARTITIONS", 1, 1, 12), "tasks", 12);
});

test("a refusal stays one when the partitions do not come, or for any other reason", async () => {
  await expect(raisePartitions(refusingKafka("INVALID_PARTITIONS", 1), "tasks", 12, 0)).rejects.toThrow(
    "refused",
  );
  await expect(raisePartitions(refusingKafka("POLICY_VIOLATION", 12), "tasks", 12)).rejects.toThrow(
    "refused",
  );
});
