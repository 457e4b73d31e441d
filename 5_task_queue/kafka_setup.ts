/**
 * Prepares the load balancing: one worker of a group can own a partition, so with the one partition of stage
 * 4 a second worker is idle. This raises their number; running workers notice within seconds.
 */
import Table from "cli-table3";
import { createProgram, wholeNumber } from "../common/cli.ts";
import { ProgramError } from "../common/errors.ts";
import { connectKafka } from "../common/kafka/client.ts";
import { ensureTopics } from "../common/kafka/ensure_topics.ts";
import { raisePartitions } from "../common/kafka/raise_partitions.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import { resetTopics } from "./reset.ts";

const { partitions, reset, yes } = createProgram(
  "5_task_queue/kafka_setup.ts",
  "Raises the partitions of tasks, the most workers that can share it.",
  "npx tsx 5_task_queue/kafka_setup.ts --partitions 12\n" +
    "  npx tsx 5_task_queue/kafka_setup.ts --reset --partitions 1     back to stage 4's one partition",
)
  .option("--partitions <n>", "how many tasks should have", wholeNumber(1, 1000), 12)
  .option("--reset", "delete topics and groups with all tasks and results in them, and make them anew")
  .option("--yes", "do not ask before --reset")
  .parse()
  .opts();

const kafka = await connectKafka(readKafkaSettings(process.env), `setup:${process.pid}`);
const { topics, groups, settings, ask } = kafka;
const before = await countPartitions();
if (reset) await resetTopics(kafka, yes ?? false);
await ensureTopics(kafka);
const current = (await countPartitions()).get(topics.tasks) ?? 0;

if (current > partitions) {
  throw new ProgramError(
    `${topics.tasks} has ${current} partitions, and Kafka cannot lower their number. Either keep them with ` +
      `--partitions ${current}, or make the topic anew with --reset --partitions ${partitions}, ` +
      "which deletes all tasks and results in Kafka",
  );
}
if (current < partitions) await raisePartitions(kafka, topics.tasks, partitions);

const after = await countPartitions();
const table = new Table({ head: ["topic", "partitions before", "now"], style: { head: [], border: [] } });
for (const topic of Object.values(topics)) table.push([topic, before.get(topic) ?? 0, after.get(topic) ?? 0]);
console.log(`Kafka at ${settings.brokers.join(",")}\n${table}`);
const workers = partitions === 1 ? "1 worker works at a time" : `up to ${partitions} workers share the tasks`;
console.log(`In the group ${groups.workers} ${workers}.`);
await kafka.close();

/** Only of topics that exist: to ask for one that is missing can make it. */
async function countPartitions(): Promise<Map<string, number>> {
  const existing = await ask((admin) => admin.listTopics());
  const ours = Object.values(topics).filter((topic) => existing.includes(topic));
  if (ours.length === 0) return new Map();
  const described = await ask((admin) => admin.fetchTopicMetadata({ topics: ours }));
  return new Map(described.topics.map((topic) => [topic.name, topic.partitions.length]));
}
