/** Who is in a consumer group. */
import { AssignerProtocol, type GroupDescription } from "kafkajs";
import { printable } from "../printable.ts";
import type { KafkaConnection } from "./client.ts";

export interface Member {
  /** Kafka's own name for it, a new one each time that a worker starts. */
  id: string;
  /** Its client id, which is the worker's name. */
  name: string;
  /** Of `topic`; empty while the group rebalances. */
  partitions: number[];
}

export interface Group {
  /** By name. A group that does not exist has none. */
  members: Member[];
  /**
   * Members that use the new consumer protocol (KIP-848) are not listed: the request that kafkajs knows
   * answers for such a group as if it were dead.
   */
  usesNewProtocol: boolean;
}

/** Describes a group that Kafka lists. */
export async function describeGroup(
  kafka: KafkaConnection,
  groupId: string,
  topic: string,
  tries?: number,
): Promise<Group> {
  const { groups } = await kafka.ask((admin) => admin.describeGroups([groupId]), tries);
  const members = groups.flatMap((group) => readMembers(group, topic));
  return { members, usesNewProtocol: groups.some(({ state }) => state === "Dead") };
}

/** The members that Kafka tells of, by name. */
export function readMembers(group: GroupDescription, topic: string): Member[] {
  return group.members
    .map(({ memberId, clientId, memberAssignment }) => ({
      id: memberId,
      name: clientId,
      partitions: [
        ...(AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? []),
      ].sort((a, b) => a - b),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Two workers of one name would look like one in every picture. */
export async function warnOfNamesake(kafka: KafkaConnection, name: string): Promise<void> {
  const { workers } = kafka.groups;
  // Asked once. Whatever keeps us from looking at the group is told when the worker joins it.
  const { members } = await describeGroup(kafka, workers, kafka.topics.tasks, 1).catch(() => ({
    members: [] as Member[],
  }));
  if (!members.some((member) => member.name === name)) return;
  console.error(
    `The group has a worker named ${printable(name)} already: pictures will show both as one. ` +
      "Choose another --name (after kill -9 a worker is still listed for 6 s)",
  );
}
