/** Reads what a topic holds now, and no more: for a look, not for a queue. */
import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "../common/kafka/client.ts";
import type { Message } from "../common/kafka/consume_plan.ts";
import { applicationGroups } from "./topics.ts";

/** Where to begin in each partition: an offset. One that is not named is read from its first message on. */
export type Starts = ReadonlyMap<number, number>;

/**
 * Calls `onMessage` with each message from `starts` to where the topic ends now, in the order of each
 * partition. The end is found behind records that are no messages, too: marks of transactions, and what was
 * taken back. Reads in a group of its own, which it deletes. Rejects with a ProgramError when Kafka refuses.
 */
export async function readTopic(
  kafka: KafkaConnection,
  topic: string,
  onMessage: (message: Message) => void,
  starts: Starts = new Map(),
): Promise<void> {
  const ends = await kafka.ask((admin) => admin.fetchTopicOffsets(topic));
  const open = new Map<number, { next: number; end: number }>();
  for (const { partition, low, high } of ends) {
    const next = Math.max(Number(low), starts.get(partition) ?? 0);
    if (next < Number(high)) open.set(partition, { next, end: Number(high) });
  }
  if (open.size === 0) return;

  let finish = () => {};
  const readAll = new Promise<void>((resolve) => {
    finish = resolve;
  });
  function passed(partition: number, lastOffset: string): void {
    const place = open.get(partition);
    if (place === undefined) return;
    place.next = Math.max(place.next, Number(lastOffset) + 1);
    if (place.next >= place.end) open.delete(partition);
    if (open.size === 0) finish();
  }

  const groupId = applicationGroups(kafka.settings.prefix).reader(randomUUID());
  const consumer = kafka.consume({
    groupId,
    topic,
    fromBeginning: true,
    onAssigned: (partitions, seek) => {
      for (const partition of partitions) {
        const next = open.get(partition)?.next ?? ends.find((end) => end.partition === partition)?.high;
        if (next !== undefined) seek(partition, String(next));
      }
    },
    onPassed: passed,
    eachBatch: async (batch) => {
      const { next = 0, end = 0 } = open.get(batch.partition) ?? {};
      for (const message of batch.messages) {
        if (Number(message.offset) >= next && Number(message.offset) < end) onMessage(message);
      }
      passed(batch.partition, batch.lastOffset);
      batch.resolve(batch.lastOffset);
    },
  });
  try {
    await Promise.race([readAll, consumer.finished]);
  } finally {
    await consumer.stop();
    // What a Kafka that went away just now keeps of it is empty, and goes with time.
    await kafka.ask((admin) => admin.deleteGroups([groupId]), 1).catch(() => {});
  }
}
