/** The topics and consumer groups of stages 4 and 5. */
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
