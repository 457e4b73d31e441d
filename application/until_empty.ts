/**
 * A worker that ends by itself: when all that waited at its start is done, by whomever. It is the form of a
 * container that is started when there is work, and costs nothing otherwise.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaConnection } from "../common/kafka/client.ts";
import { computeLag } from "../common/kafka/consumer_lag.ts";

/** So often it looks how far the group is. */
const LOOK_EVERY_MS = 250;

/** Where the partitions end in which something waits: by partition, the offset behind their last task. */
export type Ends = ReadonlyMap<number, number>;

/**
 * Where the queue ends now. Empty if nothing waits, or if there is no such topic, which this does not make.
 * Throws ProgramError while no Kafka answers.
 */
export async function readEnds(kafka: KafkaConnection): Promise<Ends> {
  const { tasks } = kafka.topics;
  if (!(await kafka.ask((admin) => admin.listTopics())).includes(tasks)) return new Map();
  const ends = await kafka.ask((admin) => admin.fetchTopicOffsets(tasks));
  const waiting = computeLag(ends, await readCommitted(kafka)).filter((lag) => lag.waiting > 0);
  return new Map(waiting.map(({ partition, end }) => [partition, end]));
}

/** Resolves when the group has committed all tasks before these ends; what came later may still wait. */
export async function reachEnds(kafka: KafkaConnection, ends: Ends): Promise<void> {
  for (;;) {
    const committed = new Map(
      (await readCommitted(kafka)).map(({ partition, offset }) => [partition, Number(offset)]),
    );
    if ([...ends].every(([partition, end]) => (committed.get(partition) ?? -1) >= end)) return;
    await sleep(LOOK_EVERY_MS);
  }
}

async function readCommitted({ ask, groups, topics }: KafkaConnection) {
  const [committed] = await ask((admin) =>
    admin.fetchOffsets({ groupId: groups.workers, topics: [topics.tasks] }),
  );
  return committed?.partitions ?? [];
}
