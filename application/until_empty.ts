/**
 * A worker that ends by itself: when all that waited at its start is done, by whomever. It is the form of a
 * container that is started when there is work, and costs nothing otherwise.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaConnection } from "../common/kafka/client.ts";
import { readQueueState } from "../common/kafka/consumer_lag.ts";

/** So often it looks how far the group is. */
const LOOK_EVERY_MS = 250;

/** Where the partitions end in which something waits: by partition, the offset behind their last task. */
export type Ends = ReadonlyMap<number, number>;

/**
 * Where the queue ends now. Empty if nothing waits, or if there is no such topic, which this does not make.
 * Throws ProgramError while no Kafka answers.
 */
export async function readEnds(kafka: KafkaConnection): Promise<Ends> {
  const { workers } = await readQueueState(kafka);
  const waiting = workers.partitions.filter((lag) => lag.waiting > 0);
  return new Map(waiting.map(({ partition, end }) => [partition, end]));
}

/** Resolves when the group has committed all tasks before these ends; what came later may still wait. */
export async function reachEnds({ ask, groups, topics }: KafkaConnection, ends: Ends): Promise<void> {
  const question = { groupId: groups.workers, topics: [topics.tasks] };
  for (;;) {
    const [committed] = await ask((admin) => admin.fetchOffsets(question));
    const offsets = new Map(
      committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
    );
    if ([...ends].every(([partition, end]) => (offsets.get(partition) ?? -1) >= end)) return;
    await sleep(LOOK_EVERY_MS);
  }
}
