/** Is there a Kafka, and can groups be used? */
import { setTimeout as sleep } from "node:timers/promises";
import kafkajs, { type Admin, Kafka, logLevel } from "kafkajs";
import { fixRequestQueueTimer } from "../common/kafka/kafkajs_fixes.ts";

/** True when a Kafka answers at this address. It has 3 seconds. */
export async function kafkaAnswers(address: string): Promise<boolean> {
  return await succeeds(address, (admin) => admin.describeCluster());
}

/** Kafka keeps each group in one of the three partitions of __consumer_offsets: these are in all three. */
const GROUPS = ["readiness-0", "readiness-1", "readiness-2"];

/**
 * Resolves when the broker answers and its consumer groups can be used. The first question about any group
 * makes Kafka create __consumer_offsets. The first consumer would have to wait for that, and kafkajs would
 * complain. Rejects with the signal's reason when the signal comes first.
 */
export async function groupsAnswer(address: string, signal: AbortSignal): Promise<void> {
  const groupsAreReady = async (admin: Admin) => {
    // kafkajs looks for a coordinator only among brokers it has met: "No brokers in the broker pool" (2.2.4).
    await admin.describeCluster();
    for (const groupId of GROUPS) await admin.fetchOffsets({ groupId });
  };
  while (!(await succeeds(address, groupsAreReady))) {
    signal.throwIfAborted();
    await sleep(50);
  }
  signal.throwIfAborted();
}

/** The answer to one question, asked once: no retries, no log lines. */
export async function withAdmin<T>(address: string, question: (admin: Admin) => Promise<T>): Promise<T> {
  fixRequestQueueTimer();
  const admin = new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    requestTimeout: 3000,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    return await question(admin);
  } finally {
    await admin.disconnect();
  }
}

async function succeeds(address: string, question: (admin: Admin) => Promise<unknown>): Promise<boolean> {
  return await withAdmin(address, question).then(
    () => true,
    (error) => {
      if (error instanceof kafkajs.KafkaJSError) return false;
      throw error;
    },
  );
}
