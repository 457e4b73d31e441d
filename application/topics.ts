/**
 * The topics that the application adds to those of stage 5. Each has one partition: its order is the order.
 */
import type { KafkaConnection } from "../common/kafka/client.ts";
import { ensureTopics } from "../common/kafka/ensure_topics.ts";
import { explainNoTopic } from "../common/kafka/errors.ts";

const HOUR_MS = 3_600_000;

/** The topics' names under a prefix. */
export function applicationTopics(prefix: string) {
  return {
    /**
     * What happens to a task between `tasks` and `results`: STARTED, CANCEL_REQUESTED. Key: the task's id.
     */
    events: `${prefix}task-events`,
    /** Who claimed an idempotency key first. Key: the idempotency key. */
    keys: `${prefix}idempotency-keys`,
  };
}
export type ApplicationTopics = ReturnType<typeof applicationTopics>;

/** The consumer groups' names under a prefix, beside those of the stages. */
export function applicationGroups(prefix: string) {
  return {
    /** Each worker has one more of its own, since it has to hear of every cancellation. */
    worker: (id: string) => `${prefix}iris_worker_${id}`,
    /** Who reads a topic once, from one end to the other. */
    reader: (id: string) => `${prefix}iris_reader_${id}`,
  };
}

/** How long Kafka keeps what is in them. */
const RETENTION_MS = {
  /** As long as a stock broker keeps `tasks`: a week. */
  events: 168 * HOUR_MS,
  /** A key counts for 24 hours; Kafka deletes whole segments, so it is asked for a little more. */
  keys: 25 * HOUR_MS,
};

/**
 * Makes the topics that are missing: `tasks` with so many partitions, the others with one. A topic that is
 * there stays as it is. Any number of programs may do so at once. Throws ProgramError when Kafka refuses.
 */
export async function ensureApplicationTopics(kafka: KafkaConnection, tasksPartitions = 12): Promise<void> {
  await ensureTopics(kafka, tasksPartitions);
  await ensureOwnTopics(kafka);
}

/** As ensureApplicationTopics(), but leaves those of the stages alone. */
export async function ensureOwnTopics({ settings, ask }: KafkaConnection): Promise<void> {
  const names = applicationTopics(settings.prefix);
  const existing = await ask((admin) => admin.listTopics());
  const missing = (["events", "keys"] as const).filter((kind) => !existing.includes(names[kind]));
  if (missing.length === 0) return;
  const topics = missing.map((kind) => ({
    topic: names[kind],
    numPartitions: 1,
    replicationFactor: settings.replicationFactor,
    configEntries: [{ name: "retention.ms", value: String(RETENTION_MS[kind]) }],
  }));
  try {
    await ask((admin) => admin.createTopics({ topics }));
  } catch (error) {
    throw explainNoTopic(error, settings);
  }
  // Kafka says yes before the partitions have their leaders.
  for (const { topic } of topics) await ask((admin) => admin.fetchTopicOffsets(topic));
}
