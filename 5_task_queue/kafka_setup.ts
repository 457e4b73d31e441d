/**
 * Prepares the load balancing: one worker of a group can own a partition, so with the one partition of stage 4 a
 * second worker is idle. This raises their number; running workers notice within seconds.
 */
import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import { createProgram, exitWith, wholeNumber } from "../common/cli.ts";
import {
  contactKafka,
  ensureTopics,
  settings,
  TOPICS,
  throughOutages,
  WORKER_GROUP,
} from "../common/kafka/client.ts";
import { resetTopics } from "./reset.ts";

const options = createProgram(
  "5_task_queue/kafka_setup.ts",
  "Raises the partitions of tasks, the most workers that can share it.",
  "npx tsx 5_task_queue/kafka_setup.ts --partitions 12",
)
  .option("--partitions <n>", "how many tasks should have", wholeNumber(1, 1000), 12)
  .option("--reset", "delete topics and groups with all that is in them, and make them anew")
  .option("--yes", "do not ask before --reset")
  .parse()
  .opts<{ partitions: number; reset?: boolean; yes?: boolean }>();

const admin = await contactKafka(`setup:${process.pid}`);
if (options.reset) await resetTopics(admin, options.yes ?? false);
await ensureTopics(admin);
const before = await countPartitions();
const current = before.get(TOPICS.tasks) ?? 0;

if (current > options.partitions) {
  await admin.disconnect();
  exitWith(
    1,
    `${TOPICS.tasks} has ${current} partitions, and Kafka cannot lower their number: --reset makes the topic anew`,
  );
}
if (current < options.partitions) {
  const topicPartitions = [{ topic: TOPICS.tasks, count: options.partitions }];
  await admin.createPartitions({ topicPartitions });
  // Kafka says yes before all are there and have their leaders; a client that sent now would send some tasks twice.
  while ((await countPartitions()).get(TOPICS.tasks) !== options.partitions) await sleep(50);
  await throughOutages(() => admin.fetchTopicOffsets(TOPICS.tasks));
}

const after = await countPartitions();
const table = new Table({ head: ["topic", "partitions before", "now"], style: { head: [], border: [] } });
for (const topic of Object.values(TOPICS)) table.push([topic, before.get(topic) ?? 0, after.get(topic) ?? 0]);
console.log(`Kafka at ${settings.brokers.join(",")}\n${table}`);
const raised = current < options.partitions ? "Raised" : "Nothing to raise";
console.log(`${raised}: up to ${options.partitions} workers of ${WORKER_GROUP} can share ${TOPICS.tasks}.`);
await admin.disconnect();

async function countPartitions(): Promise<Map<string, number>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: Object.values(TOPICS) });
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}
