/** Who is in a consumer group. */
import { AssignerProtocol } from "kafkajs";
import type { KafkaConnection } from "./client.ts";

export interface Member {
  /** Its client id, which is the worker's name. */
  name: string;
  /** Of `topic`; empty while the group rebalances. */
  partitions: number[];
}

/** The members of a group, by name. A group that does not exist has none. */
export async function groupMembers(
  kafka: KafkaConnection,
  groupId: string,
  topic: string,
): Promise<Member[]> {
  const { groups } = await kafka.ask((admin) => admin.describeGroups([groupId]));
  return groups
    .flatMap((group) => group.members)
    .map(({ clientId, memberAssignment }) => ({
      name: clientId,
      partitions: [
        ...(AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? []),
      ].sort((a, b) => a - b),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Two workers of one name would look like one in every picture. */
export async function warnOfNamesake(kafka: KafkaConnection, name: string): Promise<void> {
  const members = await groupMembers(kafka, kafka.groups.workers, kafka.topics.tasks);
  if (!members.some((member) => member.name === name)) return;
  console.error(
    `The group has a worker named ${name} already: pictures will show both as one. ` +
      "Choose another --name (after kill -9 a worker is still listed for 6 s)",
  );
}
