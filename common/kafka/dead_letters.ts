/** What no worker can read is set aside, so that neither it is lost nor what stands behind it waits. */
import type { ParsedTask } from "../messages.ts";
import { formatFailure } from "../messages.ts";
import type { KafkaConnection } from "./client.ts";
import type { Message } from "./consumer.ts";
import type { OutgoingMessage, Producer } from "./producer.ts";

export type BadTask = Extract<ParsedTask, { ok: false }>;

/**
 * The dead letter of a bad task: the original with its headers, and beside them the names that Spring Kafka and Kafka
 * Connect use.
 */
export function toDeadLetter(message: Message, topic: string, { error }: BadTask): OutgoingMessage {
  const headers = {
    ...(message.headers as Record<string, string | Buffer>),
    "original-topic": topic,
    "original-partition": String(message.partition),
    "original-offset": message.offset,
    reason: error.message,
  };
  return { key: message.key, value: message.value, headers };
}

/**
 * Sets the message aside, says so on stderr, and tells the client if the task has an id. Should the dead letter be
 * larger than its topic takes, which happens when the topic was made by other hands, its headers go alone: the original
 * still lies in `tasks` at the offset they name.
 */
export async function sendDeadLetter(
  { topics }: KafkaConnection,
  producer: Producer,
  message: Message,
  bad: BadTask,
): Promise<undefined> {
  const { partition, offset } = message;
  console.error(`Dead letter: partition ${partition}, offset ${offset}: ${bad.error.message}`);
  const letter = toDeadLetter(message, topics.tasks, bad);
  await producer
    .send(topics.deadLetters, [letter])
    .catch(() => producer.send(topics.deadLetters, [{ ...letter, value: null }]));
  if (bad.task_id === undefined) return;
  const failure = { task_id: bad.task_id, error: { code: "invalid_input", message: bad.error.message } };
  await producer.send(topics.results, [{ value: formatFailure({ ...failure, partition, offset }) }]);
}
