/** Kafka's own books: who is in a group, what each owns, how much waits. Looks only; it makes no topic and no group. */
import { type Admin, AssignerProtocol } from "kafkajs";
import { throughOutages } from "./client.ts";

export interface Queue {
  topic: string;
  groupId: string;
  /** 0 when the topic is missing. */
  partitions: number;
  members: { name: string; partitions: number[] }[];
  /** Partitions where something waits for this group. */
  lag: { partition: number; waiting: number }[];
}

export interface Books {
  /** Partitions of each topic that exists. */
  topics: Map<string, number>;
  /** In the order asked for. */
  queues: Queue[];
  /** Messages that lie in `countIn`. */
  count: number;
}

/** `wanted` is [topic, group]; `countIn` another topic. */
export async function readBooks(
  admin: Admin,
  wanted: readonly (readonly [topic: string, groupId: string])[],
  countIn: string,
): Promise<Books> {
  // A group's coordinator may be moving, or read its books again after a restart.
  return await throughOutages(async () => {
    // To ask for a topic that is missing can make it, to ask for a group makes __consumer_offsets: so first who is there.
    const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
    const present = [...wanted.map(([topic]) => topic), countIn].filter((topic) => topics.includes(topic));
    const known = groups.map(({ groupId }) => groupId);
    const [described, count, ...queues] = await Promise.all([
      // Without a name it would describe all topics of the cluster.
      present.length === 0 ? { topics: [] } : admin.fetchTopicMetadata({ topics: present }),
      present.includes(countIn) ? countMessages(admin, countIn) : 0,
      ...wanted.map(([topic, groupId]) =>
        readQueue(admin, topic, groupId, present.includes(topic), known.includes(groupId)),
      ),
    ]);
    return {
      topics: new Map(described.topics.map(({ name, partitions }) => [name, partitions.length])),
      queues,
      count,
    };
  }, 5);
}

async function countMessages(admin: Admin, topic: string): Promise<number> {
  const ends = await admin.fetchTopicOffsets(topic);
  return ends.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
}

async function readQueue(
  admin: Admin,
  topic: string,
  groupId: string,
  hasTopic: boolean,
  hasGroup: boolean,
): Promise<Queue> {
  const [ends, committed, described] = await Promise.all([
    hasTopic ? admin.fetchTopicOffsets(topic) : [],
    hasTopic && hasGroup ? admin.fetchOffsets({ groupId, topics: [topic] }) : [],
    hasGroup ? admin.describeGroups([groupId]) : { groups: [] },
  ]);
  const offsets = new Map(
    committed[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
  );
  const lag = ends
    .map(({ partition, low, high }) => {
      // -1 is nothing committed yet, less than `low` a task that is gone: the group goes on at the first that is there.
      const next = Math.max(offsets.get(partition) ?? -1, Number(low));
      return { partition, waiting: Math.max(0, Number(high) - next) };
    })
    .filter(({ waiting }) => waiting > 0)
    .sort((a, b) => a.partition - b.partition);
  const members = described.groups
    .flatMap((group) => group.members)
    .map(({ clientId, memberAssignment }) => ({
      name: clientId,
      // Empty while the group is rebalancing.
      partitions: [
        ...(AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? []),
      ].sort((a, b) => a - b),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { topic, groupId, partitions: ends.length, members, lag };
}
