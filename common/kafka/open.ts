/** How every program of stages 4 and 5 begins with Kafka. */
import { type ConnectOptions, connectKafka, type KafkaConnection } from "./client.ts";
import { ensureTopics } from "./ensure_topics.ts";
import { readKafkaSettings } from "./settings.ts";

/**
 * Reads the settings, connects, and makes the topics that are missing. `name` is what the group's membership shows.
 * Throws ProgramError with one line when a setting is wrong or no Kafka answers.
 */
export async function openKafka(
  env: NodeJS.ProcessEnv,
  name: string,
  options: ConnectOptions = {},
): Promise<KafkaConnection> {
  const kafka = await connectKafka(readKafkaSettings(env), name, options);
  await ensureTopics(kafka);
  return kafka;
}
