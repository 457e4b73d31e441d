/** What no worker can read is set aside, so that neither it is lost nor what stands behind it waits. */
import type { KafkaMessage, Producer, TopicMessages } from "kafkajs";
import type { ParsedTask } from "../messages.ts";
import { TOPICS } from "./client.ts";

export type BadTask = Extract<ParsedTask, { ok: false }>;

/**
 * The messages that a bad task becomes: the original on the dead-letter topic, its headers as Spring Kafka and
 * Kafka Connect name them, and for a task with an id a failure on `results`, so that its client is told.
 */
export function toDeadLetter(
  message: KafkaMessage,
  partition: number,
  { error, task_id }: BadTask,
): TopicMessages[] {
  const headers = {
    ...message.headers,
    "original-topic": TOPICS.tasks,
    "original-partition": String(partition),
    "original-offset": message.offset,
    reason: error.message,
  };
  const letters = [
    { topic: TOPICS.deadLetters, messages: [{ key: message.key, value: message.value, headers }] },
  ];
  if (task_id === undefined) return letters;
  const value = JSON.stringify({ task_id, error: { code: "invalid_input", message: error.message } });
  return [...letters, { topic: TOPICS.results, messages: [{ value }] }];
}

/**
 * Sends them, and says so on stderr. Should the dead letter be larger than its topic takes, which happens when the
 * topic was made by other hands, its headers go alone: the original still lies in `tasks` at the offset they name.
 */
export async function sendDeadLetter(
  producer: Producer,
  message: KafkaMessage,
  partition: number,
  bad: BadTask,
): Promise<void> {
  const topicMessages = toDeadLetter(message, partition, bad);
  console.error(`Dead letter: partition ${partition}, offset ${message.offset}: ${bad.error.message}`);
  try {
    await producer.sendBatch({ topicMessages });
  } catch (error) {
    if ((error as { type?: string }).type !== "MESSAGE_TOO_LARGE") throw error;
    const withoutValue = ({ topic, messages }: TopicMessages) => ({
      topic,
      messages:
        topic === TOPICS.deadLetters ? messages.map((letter) => ({ ...letter, value: null })) : messages,
    });
    await producer.sendBatch({ topicMessages: topicMessages.map(withoutValue) });
  }
}
