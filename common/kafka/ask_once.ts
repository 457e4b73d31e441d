/** One question to a Kafka without passwords, asked once: no retries, no log lines. */
import kafkajs, { type Admin, Kafka, logLevel } from "kafkajs";
import { fixKafkajs } from "./kafkajs_fixes.ts";

export type Question<T> = (admin: Admin) => Promise<T>;

/**
 * The answer of the Kafka at this address, which has 3 seconds. Rejects with kafkajs' error when there is
 * none.
 */
export async function askOnce<T>(address: string, question: Question<T>): Promise<T> {
  fixKafkajs();
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

/** True when it gets its answer, false when Kafka or the network does not give it. */
export async function isAnswered(address: string, question: Question<unknown>): Promise<boolean> {
  try {
    await askOnce(address, question);
    return true;
  } catch (error) {
    if (error instanceof kafkajs.KafkaJSError) return false;
    throw error;
  }
}
