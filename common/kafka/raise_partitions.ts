/** Raises the partitions of a topic. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaConnection } from "./client.ts";

const LOOK_EVERY_MS = 50;
/** So long the broker's metadata may lag behind what another program has raised. */
const LIMIT_MS = 10_000;

/**
 * Resolves when the topic has at least so many partitions, each with its leader. Any number of programs may
 * do this at once. Throws what Kafka refuses.
 */
export async function raisePartitions(
  { ask }: Pick<KafkaConnection, "ask">,
  topic: string,
  count: number,
  limit = LIMIT_MS,
): Promise<void> {
  let refused: unknown;
  try {
    await ask((admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }));
  } catch (error) {
    // Another program was first: Kafka then says that the number of partitions is invalid. What it tells of
    // the topic may lag behind, and still be the old number (seen with eight at once).
    if ((error as { type?: string }).type !== "INVALID_PARTITIONS") throw error;
    refused = error;
  }
  // Kafka says yes before all are there and have their leaders; a client that sent now would send some tasks
  // twice.
  const start = performance.now();
  while ((await countPartitions()) < count) {
    if (refused !== undefined && performance.now() - start > limit) throw refused;
    await sleep(LOOK_EVERY_MS);
  }
  await ask((admin) => admin.fetchTopicOffsets(topic));

  async function countPartitions(): Promise<number> {
    const { topics } = await ask((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    return topics[0]?.partitions.length ?? 0;
  }
}
