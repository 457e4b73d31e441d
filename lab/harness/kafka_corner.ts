/** A corner of a Kafka for a demonstration: a topic prefix of its own, so that a class's Kafka is not disturbed. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findKafka } from "../../kafka/find_kafka.ts";
import type { KafkaStage } from "../demos/stage_4.ts";
import { atEnd } from "./cleanup.ts";

/** Finds a Kafka, says which, and makes room in it; cleanUp() deletes the topics and the groups again. */
export async function openKafkaCorner(): Promise<KafkaStage> {
  const { brokers, origin } = await findKafka();
  const prefix = `demo-${randomUUID().slice(0, 8)}-`;
  const env = { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix };
  console.log(`Kafka: ${origin}; topics begin with ${prefix}`);
  const folder = await mkdtemp(join(tmpdir(), "iris-demo-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  atEnd(() => deleteEverything(env));
  return { env, folder };
}

async function deleteEverything(env: Record<string, string>): Promise<void> {
  // The connection's settings are read when the module is, and here they are known only now.
  Object.assign(process.env, env);
  const { contactKafka } = await import("../../common/kafka/client.ts");
  const admin = await contactKafka("cleanup");
  const prefix = env.KAFKA_TOPIC_PREFIX ?? "";
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  const { groups } = await admin.listGroups();
  const groupIds = groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix));
  // A group with a member that was just killed cannot be deleted; Kafka forgets it when its offsets expire.
  if (groupIds.length > 0) await admin.deleteGroups(groupIds).catch(() => {});
  await admin.disconnect();
}
