/** The topics of the application, and what it means that there are so many partitions. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import { plural } from "../../common/plural.ts";
import { endsOf } from "../tasks_ends.ts";
import { ensureApplicationTopics } from "../topics.ts";

/**
 * Makes the topics that are missing. A `tasks` that is there stays as it is: the line that is returned says
 * what that means for so many workers.
 */
export async function prepareTopics(kafka: KafkaConnection, workers: number): Promise<string> {
  await ensureApplicationTopics(kafka);
  const { tasks } = kafka.topics;
  const partitions = (await endsOf(kafka, tasks)).length;
  const count = `${tasks} has ${plural(partitions, "partition")}`;
  if (partitions >= Math.max(workers, 2)) return count;
  const busy = partitions === 1 ? "one worker works" : `${partitions} workers work`;
  return `${count}: ${busy} at a time; raise it with npx tsx 5_task_queue/kafka_setup.ts`;
}
