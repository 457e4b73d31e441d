/** How every program of stages 4 and 5 begins with Kafka. */
import { type ConnectOptions, connectKafka, type KafkaConnection } from "./client.ts";
import { ensureTopics } from "./ensure_topics.ts";
import { readKafkaSettings } from "./settings.ts";

/**
 * Reads the settings, connects, and makes the topics that are missing. `name` is what the group's
 * membership shows. Throws ProgramError with one line when a setting is wrong or no Kafka answers.
 */
export async function openKafka(
  env: NodeJS.ProcessEnv,
  name: string,
  options: ConnectOptions = {},
): Promise<KafkaConnection> {
  // kafkajs' own variable: it shows all that kafkajs logs.
  const verbose = Boolean(env.KAFKAJS_LOG_LEVEL);
  const kafka = await connectKafka(readKafkaSettings(env), name, { verbose, ...options });
  await ensureTopics(kafka);
  return kafka;
}
