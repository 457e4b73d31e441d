/** Makes the topics of stages 4 and 5 where they are missing. */
import type { KafkaConnection } from "./client.ts";
import { explainNoTopic } from "./errors.ts";
import { describeTopic } from "./topics.ts";

/**
 * Makes the topics that are missing; `tasks` with so many partitions, the others with one. Any number of
 * programs may do so at once. Throws ProgramError when Kafka refuses.
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
  // Kafka says yes before the partitions have their leaders. Until then it may say that there is no such
  // topic: seen in 1 of 8 programs that started together on a cold broker. That passes, so the question is
  // repeated.
  for (const topic of missing) await ask((admin) => admin.fetchTopicOffsets(topic));
}
