/**
 * What stage 5's client is measured against: the least kafkajs that sends tasks and knows their answers
 * again.
 */
import { randomUUID } from "node:crypto";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { readKafkaSettings } from "../../../common/kafka/settings.ts";
import { askAsTold } from "../kafka/load.ts";

const { prefix, replicationFactor: _, ...connection } = readKafkaSettings(process.env);
const kafka = new Kafka({ ...connection, clientId: "baseline", logLevel: logLevel.NOTHING });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();

const open = new Map<string, () => void>();
const consumer = kafka.consumer({ groupId: `${prefix}baseline_${randomUUID()}`, maxWaitTimeInMs: 250 });
await consumer.connect();
await consumer.subscribe({ topics: [`${prefix}results`], fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ message }) => open.get(JSON.parse(message.value?.toString() ?? "").task_id)?.(),
});

await askAsTold(async (samples) => {
  const tasks = samples.map((X) => ({ task_id: randomUUID(), X }));
  const answered = tasks.map(({ task_id }) => new Promise<void>((resolve) => open.set(task_id, resolve)));
  const messages = tasks.map((task) => ({ value: JSON.stringify(task) }));
  await producer.send({ topic: `${prefix}tasks`, messages });
  await Promise.all(answered);
  open.clear();
});
await consumer.disconnect();
await producer.disconnect();
