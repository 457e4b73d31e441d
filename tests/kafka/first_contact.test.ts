/** A program that is busy while it connects does not take its own delay for the silence of Kafka. */
import { expect, inject, test } from "vitest";
import { burn } from "../../common/burn.ts";
import { connectKafka } from "../../common/kafka/client.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";

test("an answer that lies unread longer than the limit is an answer", async () => {
  const settings = readKafkaSettings({ KAFKA_BROKERS: inject("kafkaBrokers") });
  const connecting = connectKafka(settings, "busy");
  // Not caught by anybody until it is awaited, below.
  connecting.catch(() => {});
  burn(4);
  const kafka = await connecting;
  expect((await kafka.ask((admin) => admin.describeCluster())).brokers).toHaveLength(1);
  await kafka.close();
});
