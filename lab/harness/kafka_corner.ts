/** A corner of a Kafka for a demonstration: a topic prefix of its own, so that a class's Kafka is not disturbed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectKafka } from "../../common/kafka/client.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import { findKafka } from "../../kafka/find_kafka.ts";
import type { KafkaStage } from "../demos/stage_4.ts";
import { atEnd } from "./cleanup.ts";
import { deletePrefix, newPrefix } from "./leftovers.ts";

/** Finds a Kafka, says which, and makes room in it; cleanUp() deletes the topics and the groups again. */
export async function openKafkaCorner(): Promise<KafkaStage> {
  const { brokers, origin } = await findKafka();
  const prefix = newPrefix("demo");
  const env = { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix };
  console.log(`Kafka: ${origin}; topics begin with ${prefix}`);
  const folder = await mkdtemp(join(tmpdir(), "iris-demo-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  atEnd(() => deleteEverything(env));
  return { env, folder };
}

async function deleteEverything(env: { KAFKA_BROKERS: string; KAFKA_TOPIC_PREFIX: string }): Promise<void> {
  const kafka = await connectKafka(readKafkaSettings({ ...process.env, ...env }), "cleanup");
  await deletePrefix(kafka, env.KAFKA_TOPIC_PREFIX);
  await kafka.close();
}
