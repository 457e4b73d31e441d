/** Is there a Kafka, and can groups be used? */
import { setTimeout as sleep } from "node:timers/promises";
import { isAnswered } from "../common/kafka/ask_once.ts";

/** Kafka keeps each group in one of the three partitions of __consumer_offsets: these are in all three. */
const GROUPS = ["readiness-0", "readiness-1", "readiness-2"];

/** True when a Kafka answers at this address. It has 3 seconds. */
export async function kafkaAnswers(address: string): Promise<boolean> {
  return await isAnswered(address, (admin) => admin.describeCluster());
}

/**
 * Resolves when the broker answers and its consumer groups can be used. The first question about any group
 * makes Kafka create __consumer_offsets. The first consumer would have to wait for that, and kafkajs would
 * complain. Rejects with the signal's reason when the signal comes first.
 */
export async function groupsAnswer(address: string, signal: AbortSignal): Promise<void> {
  const areReady = () =>
    isAnswered(address, async (admin) => {
      // kafkajs looks for a coordinator only among brokers it has met: "No brokers in the broker pool"
      // (2.2.4).
      await admin.describeCluster();
      for (const groupId of GROUPS) await admin.fetchOffsets({ groupId });
    });
  while (!(await areReady())) {
    signal.throwIfAborted();
    await sleep(50);
  }
  signal.throwIfAborted();
}
