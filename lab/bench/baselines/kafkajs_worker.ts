/**
 * What the workers are measured against: the least kafkajs that reads a task, predicts and sends the
 * answer. With --commit-each it commits each task by itself, as whoever wants to do no task twice writes it
 * first.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { loadClassifier } from "../../../common/classifier.ts";
import { createProgram, seconds } from "../../../common/cli.ts";
import { readKafkaSettings } from "../../../common/kafka/settings.ts";
import { onShutdown } from "../../../common/shutdown.ts";

const { inferenceTime, commitEach } = createProgram(
  "lab/bench/baselines/kafkajs_worker.ts",
  "Answers tasks, for benchmarks.",
  "node --import tsx lab/bench/baselines/kafkajs_worker.ts",
)
  .option("--inference-time <s>", "make one inference take this many seconds", seconds(0, 3600), 0)
  .option("--commit-each", "commit each task by itself")
  .parse()
  .opts();

const { prefix, replicationFactor: _, ...connection } = readKafkaSettings(process.env);
const classifier = loadClassifier();
const kafka = new Kafka({ ...connection, clientId: "baseline", logLevel: logLevel.NOTHING });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();

const consumer = kafka.consumer({ groupId: `${prefix}baseline`, maxWaitTimeInMs: 250 });
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  const partitions = payload.memberAssignment[`${prefix}tasks`] ?? [];
  console.log(`Partitions of tasks: ${partitions.join(", ")} (${partitions.length})`);
});
await consumer.connect();
await consumer.subscribe({ topics: [`${prefix}tasks`], fromBeginning: true });
await consumer.run({
  ...(commitEach ? { autoCommitThreshold: 1 } : {}),
  eachMessage: async ({ message }) => {
    const { task_id, X } = JSON.parse(message.value?.toString() ?? "");
    if (inferenceTime > 0) await sleep(inferenceTime * 1000);
    const value = JSON.stringify({ task_id, X, y: classifier.predict(X) });
    await producer.send({ topic: `${prefix}results`, messages: [{ value }] });
  },
});

onShutdown(async () => {
  await consumer.disconnect();
  await producer.disconnect();
});
