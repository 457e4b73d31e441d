/** The topics and consumer groups of stages 4 and 5, and how a topic is made. */
import type { KafkaConnection } from "./client.ts";
import { explainNoTopic } from "./errors.ts";
import type { KafkaSettings } from "./settings.ts";

/** The topics' names under a prefix. */
export function topicNames(prefix: string) {
  return {
    tasks: `${prefix}tasks`,
    results: `${prefix}results`,
    /** Messages of `tasks` that no worker can read. */
    deadLetters: `${prefix}tasks-dlt`,
  };
}
export type TopicNames = ReturnType<typeof topicNames>;

/** The consumer groups' names under a prefix. */
export function groupNames(prefix: string) {
  return {
    /** All workers of both stages: any worker serves any client. */
    workers: `${prefix}task_consumer_group`,
    persisters: `${prefix}persister_group`,
    /** Each client of stage 5 has a group of its own, since it has to see every result. */
    client: (id: string) => `${prefix}iris_client_${id}`,
  };
}
export type GroupNames = ReturnType<typeof groupNames>;

/** A dead letter is the original and its headers, and the original may be as large as a topic takes: 1 MB. */
const DEAD_LETTER_BYTES = 2 * 1024 * 1024;

/** What createTopics() wants to know of one of our topics. */
export function describeTopic(settings: KafkaSettings, topic: string, numPartitions: number) {
  const isDeadLetters = topic === topicNames(settings.prefix).deadLetters;
  return {
    topic,
    numPartitions,
    replicationFactor: settings.replicationFactor,
    configEntries: isDeadLetters ? [{ name: "max.message.bytes", value: String(DEAD_LETTER_BYTES) }] : [],
  };
}

/**
 * Makes the topics that are missing; `tasks` with so many partitions, the others with one. Any number of programs may
 * do so at once. Throws ProgramError when Kafka refuses.
 */
export async function ensureTopics(
  { settings, topics, ask }: KafkaConnection,
  tasksPartitions = 1,
): Promise<void> {
  const existing = await ask((admin) => admin.listTopics());
  const missing = Object.values(topics).filter((topic) => !existing.includes(topic));
  if (missing.length === 0) return;
  const wanted = missing.map((topic) =>
    describeTopic(settings, topic, topic === topics.tasks ? tasksPartitions : 1),
  );
  try {
    await ask((admin) => admin.createTopics({ topics: wanted }));
  } catch (error) {
    throw explainNoTopic(error, settings);
  }
  // Kafka says yes before the partitions have their leaders. Until then it may say that there is no such topic: seen
  // in 1 of 8 programs that started together on a cold broker. That passes, so the question is repeated.
  for (const topic of missing) await ask((admin) => admin.fetchTopicOffsets(topic));
}
