/** One question to Kafka about the workers' and the persisters' groups: 4 to 12 ms. */
import type { KafkaConnection } from "../../../common/kafka/client.ts";
import { computeLag, type PartitionLag } from "../../../common/kafka/consumer_lag.ts";
import { causesOf } from "../../../common/kafka/errors.ts";
import { type Member, readMembers } from "../../../common/kafka/members.ts";
import type { GroupSeen } from "./queue_watch.ts";

export interface Membership {
  /** `Stable` when each member knows its partitions. */
  state: string;
  members: Member[];
  /** Whether it has members of the new protocol (KIP-848), which kafkajs cannot list. */
  hasHiddenMembers: boolean;
}

export interface KafkaAnswer {
  workers: Membership;
  lanes: PartitionLag[];
  persisters: { members: number; waiting: number };
  groups: GroupSeen[];
}

/** Asks once: whoever asks again and again need not have it repeated. Throws while Kafka is away. */
export async function askKafka(kafka: KafkaConnection): Promise<KafkaAnswer> {
  const { topics, groups } = kafka;
  const ask: KafkaConnection["ask"] = (question) => kafka.ask(question, 1);
  const ends = (topic: string) => ask((admin) => admin.fetchTopicOffsets(topic));
  const committed = (groupId: string, topic: string) =>
    ask((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  const [described, tasks, results, workersAt, persistersAt] = await Promise.all([
    ask((admin) => admin.describeGroups([groups.workers, groups.persisters])),
    ends(topics.tasks),
    ends(topics.results),
    committed(groups.workers, topics.tasks),
    committed(groups.persisters, topics.results),
  ]);
  const describe = (groupId: string, topic: string) => {
    const group = described.groups.find((one) => one.groupId === groupId);
    return { state: group?.state ?? "Dead", members: group === undefined ? [] : readMembers(group, topic) };
  };
  const workers = describe(groups.workers, topics.tasks);
  const persisters = describe(groups.persisters, topics.results).members.length;
  const lanes = computeLag(tasks, workersAt[0]?.partitions ?? []);
  const stored = computeLag(results, persistersAt[0]?.partitions ?? []);
  return {
    workers: { ...workers, hasHiddenMembers: workers.state === "Dead" && (await isListed(groups.workers)) },
    lanes,
    persisters: { members: persisters, waiting: stored.reduce((sum, { waiting }) => sum + waiting, 0) },
    groups: [
      { group: groups.workers, topic: topics.tasks, members: workers.members.length, partitions: lanes },
      { group: groups.persisters, topic: topics.results, members: persisters, partitions: stored },
    ],
  };

  /** To the question that kafkajs knows, Kafka answers of such a group as of one that does not exist. */
  async function isListed(groupId: string): Promise<boolean> {
    const known = await ask((admin) => admin.listGroups());
    return known.groups.some((group) => group.groupId === groupId);
  }
}

/** Which of our topics are not there; none while Kafka does not say. */
export async function findMissingTopics({ topics, ask }: KafkaConnection, error: unknown): Promise<string[]> {
  const isMissing = causesOf(error).some(({ message }) => /does not host this topic/i.test(message));
  if (!isMissing) return [];
  const listed = await ask((admin) => admin.listTopics(), 1).catch(() => undefined);
  if (listed === undefined) return [];
  return [topics.tasks, topics.results].filter((topic) => !listed.includes(topic));
}
