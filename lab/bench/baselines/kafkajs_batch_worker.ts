/**
 * What the batches of stage 5's worker are measured against: a plain eachBatch loop. It answers all
 * messages of a batch, sends the answers in one request and awaits it; then kafkajs commits the batch and
 * awaits that too, as autoCommit does by default, before the next one. Partitions come one after the other,
 * as by default. With --no-commit it commits nothing, so that a restart would do everything again.
 */
import { Kafka, logLevel, Partitioners } from "kafkajs";
import { loadClassifier } from "../../../common/classifier.ts";
import { createProgram } from "../../../common/cli.ts";
import { readKafkaSettings } from "../../../common/kafka/settings.ts";
import { onShutdown } from "../../../common/shutdown.ts";

const { commit } = createProgram(
  "lab/bench/baselines/kafkajs_batch_worker.ts",
  "Answers tasks by the batch, for benchmarks.",
  "node --import tsx lab/bench/baselines/kafkajs_batch_worker.ts",
)
  .option("--no-commit", "commit nothing")
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
  autoCommit: commit,
  eachBatch: async ({ batch }) => {
    const messages = batch.messages.map(({ value }) => {
      const { task_id, X } = JSON.parse(value?.toString() ?? "");
      return { value: JSON.stringify({ task_id, X, y: classifier.predict(X) }) };
    });
    await producer.send({ topic: `${prefix}results`, messages });
  },
});

onShutdown(async () => {
  await consumer.disconnect();
  await producer.disconnect();
});
