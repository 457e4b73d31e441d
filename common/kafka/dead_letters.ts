/** What no worker can read is set aside, so that neither it is lost nor what stands behind it waits. */
import type { ParsedTask } from "../messages.ts";
import { formatFailure } from "../messages.ts";
import type { KafkaConnection } from "./client.ts";
import type { Message } from "./consume_plan.ts";
import type { OutgoingMessage, Producer } from "./producer.ts";

export type BadTask = Extract<ParsedTask, { ok: false }>;

/**
 * The dead letter of a bad task: the original with its headers, and beside them those that Spring Kafka and
 * Kafka Connect use. A batch that cannot be read has one dead letter, with its first and last offset.
 */
export function toDeadLetter(message: Message, topic: string, { error }: BadTask): OutgoingMessage {
  const { key, value, partition, offset, unreadable } = message;
  const facts = {
    "original-topic": topic,
    "original-partition": String(partition),
    "original-offset": unreadable?.firstOffset ?? offset,
    ...(unreadable === undefined ? {} : { "original-last-offset": unreadable.lastOffset }),
    reason: unreadable?.reason ?? error.message,
  };
  return { key, value, headers: { ...copyHeaders(message), ...facts } };
}

/** kafkajs cannot send a header that is null, which Kafka allows: it becomes an empty one. */
function copyHeaders({ headers = {} }: Message): NonNullable<OutgoingMessage["headers"]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, [values].flat().map((value) => value ?? "")]),
  );
}

/**
 * The letter, and shorter ones for a Kafka that refuses it as too large: without its value, then with our own
 * headers alone. The original still lies in `tasks`, at the offset that these name.
 */
export function shorterLetters(letter: OutgoingMessage): OutgoingMessage[] {
  const { headers = {} } = letter;
  const ours = Object.entries(headers).filter(([, header]) => typeof header === "string");
  return [letter, { ...letter, value: null }, { value: null, headers: Object.fromEntries(ours) }];
}

/** Sets the message aside, says so on stderr, and tells the client if the task has an id. */
export async function sendDeadLetter(
  { topics }: KafkaConnection,
  producer: Producer,
  message: Message,
  bad: BadTask,
): Promise<undefined> {
  const { partition, offset, unreadable } = message;
  // The consumer has told of a batch that cannot be read.
  if (unreadable === undefined)
    console.error(`Dead letter: partition ${partition}, offset ${offset}: ${bad.error.message}`);
  await sendFirstTaken(
    producer,
    topics.deadLetters,
    shorterLetters(toDeadLetter(message, topics.tasks, bad)),
  );
  if (bad.task_id === undefined) return;
  const failure = { task_id: bad.task_id, error: { code: "invalid_input", message: bad.error.message } };
  await producer.send(topics.results, [{ value: formatFailure({ ...failure, partition, offset }) }]);
}

async function sendFirstTaken(producer: Producer, topic: string, letters: OutgoingMessage[]): Promise<void> {
  for (const letter of letters.slice(0, -1)) {
    const isTaken = await producer.send(topic, [letter]).then(
      () => true,
      () => false,
    );
    if (isTaken) return;
  }
  await producer.send(topic, letters.slice(-1));
}
