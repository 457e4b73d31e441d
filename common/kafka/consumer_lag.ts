/** How far a consumer group is behind, and who is in it. It only looks: no topic and no group is made. */
import type { KafkaConnection } from "./client.ts";
import { describeGroup, type Member } from "./members.ts";

/** Offsets are text in kafkajs: they have 64 bits. */
interface End {
  partition: number;
  low: string;
  high: string;
}

export interface PartitionLag {
  partition: number;
  /** Where the group goes on. */
  next: number;
  /** Where the next message will be written. */
  end: number;
  waiting: number;
}

export interface GroupLag {
  topic: string;
  groupId: string;
  /** Whether it has members that use the new consumer protocol (KIP-848), which kafkajs cannot list. */
  usesNewProtocol: boolean;
  members: Member[];
  /** One entry a partition, in their order; none when the topic is missing. */
  partitions: PartitionLag[];
}

export interface QueueState {
  /** Partitions of each of our topics that exists. */
  topics: Map<string, number>;
  workers: GroupLag;
  persisters: GroupLag;
  deadLetters: number;
}

/** So often a question is repeated when a group's coordinator is moving. */
const TRIES = 5;

/** Reads topics, groups and lag of stages 4 and 5. */
export async function readQueueState(kafka: KafkaConnection): Promise<QueueState> {
  const { topics, groups } = kafka;
  // To ask for a topic that is missing can make it, to ask for a group makes __consumer_offsets: first who is
  // there.
  const [listed, known] = await Promise.all([
    kafka.ask((admin) => admin.listTopics(), TRIES),
    kafka.ask((admin) => admin.listGroups(), TRIES),
  ]);
  const groupIds = known.groups.map(({ groupId }) => groupId);
  const ends = new Map<string, End[]>();
  for (const topic of Object.values(topics).filter((name) => listed.includes(name))) {
    ends.set(topic, await kafka.ask((admin) => admin.fetchTopicOffsets(topic), TRIES));
  }
  const lagOf = (topic: string, groupId: string) =>
    readGroup(kafka, topic, groupId, ends.get(topic) ?? [], groupIds.includes(groupId));
  const [workers, persisters] = await Promise.all([
    lagOf(topics.tasks, groups.workers),
    lagOf(topics.results, groups.persisters),
  ]);
  const deadLetters = (ends.get(topics.deadLetters) ?? []).reduce(
    (sum, { low, high }) => sum + Number(high) - Number(low),
    0,
  );
  return {
    topics: new Map([...ends].map(([topic, { length }]) => [topic, length])),
    workers,
    persisters,
    deadLetters,
  };
}

async function readGroup(
  kafka: KafkaConnection,
  topic: string,
  groupId: string,
  ends: End[],
  exists: boolean,
): Promise<GroupLag> {
  if (!exists) {
    return { topic, groupId, usesNewProtocol: false, members: [], partitions: computeLag(ends, []) };
  }
  const [committed, { members, usesNewProtocol }] = await Promise.all([
    ends.length === 0 ? [] : kafka.ask((admin) => admin.fetchOffsets({ groupId, topics: [topic] }), TRIES),
    describeGroup(kafka, groupId, topic),
  ]);
  return {
    topic,
    groupId,
    usesNewProtocol,
    members,
    partitions: computeLag(ends, committed[0]?.partitions ?? []),
  };
}

/** The lag of each partition from its ends and the group's committed offsets. */
export function computeLag(
  ends: readonly End[],
  committed: readonly { partition: number; offset: string }[],
): PartitionLag[] {
  const offsets = new Map(committed.map(({ partition, offset }) => [partition, Number(offset)]));
  return ends
    .map(({ partition, low, high }) => {
      // -1: nothing is committed yet. Less than `low`: that message is gone, and the group goes on at the
      // first one.
      const next = Math.max(offsets.get(partition) ?? -1, Number(low));
      return { partition, next, end: Number(high), waiting: Math.max(0, Number(high) - next) };
    })
    .sort((a, b) => a.partition - b.partition);
}
