/** Where a topic ends, and whether the workers have come that far. */
import type { KafkaConnection } from "../common/kafka/client.ts";
import { computeLag } from "../common/kafka/consumer_lag.ts";

/** For each partition its first offset and the one that the next message gets. As text: they have 64 bits. */
export type Ends = readonly { partition: number; low: string; high: string }[];

/** Where the topic begins and ends now. */
export function endsOf({ ask }: KafkaConnection, topic: string): Promise<Ends> {
  return ask((admin) => admin.fetchTopicOffsets(topic));
}

/** Whether the workers have committed all tasks before these ends. */
export async function areWorkedOff(kafka: KafkaConnection, ends: Ends): Promise<boolean> {
  if (ends.length === 0) return true;
  const { groups, topics, ask } = kafka;
  const plan = { groupId: groups.workers, topics: [topics.tasks] };
  const [committed] = await ask((admin) => admin.fetchOffsets(plan));
  return computeLag([...ends], committed?.partitions ?? []).every(({ waiting }) => waiting === 0);
}
