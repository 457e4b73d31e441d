/** A part of the Kafka that is there, for one verification: a topic prefix of its own, deleted at the end. */
import { randomUUID } from "node:crypto";
import type { Admin } from "kafkajs";
import { contactKafka, settings } from "../../common/kafka/client.ts";
import { atEnd } from "../harness/cleanup.ts";

export interface KafkaRoom {
  /** For the programs. */
  env: Record<string, string>;
}

/** Throws ProgramError with one line when no Kafka answers. */
export async function openKafkaRoom(): Promise<KafkaRoom> {
  const admin = await contactKafka(`verify:${process.pid}`);
  // Behind the class's own prefix, which may be all that one has rights to.
  const prefix = `${settings.prefix}verify-${randomUUID().slice(0, 8)}-`;
  atEnd(() => deleteAll(admin, prefix));
  return { env: { KAFKA_TOPIC_PREFIX: prefix } };
}

async function deleteAll(admin: Admin, prefix: string): Promise<void> {
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  const { groups } = await admin.listGroups();
  const groupIds = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
  // A group with a member that was killed cannot be deleted before its session ends; Kafka forgets it in time.
  if (groupIds.length > 0) await admin.deleteGroups(groupIds).catch(() => {});
  await admin.disconnect();
}
