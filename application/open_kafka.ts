/**
 * How each program of the application begins with Kafka: as the stages do, with topics of its own beside
 * theirs.
 */
import { connectKafka, type KafkaConnection } from "../common/kafka/client.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import { ensureApplicationTopics } from "./topics.ts";

/**
 * Reads the settings, connects, and makes the topics that are missing. `name` is what the group's membership
 * shows. Throws ProgramError with one line when a setting is wrong or no Kafka answers.
 */
export async function openApplicationKafka(env: NodeJS.ProcessEnv, name: string): Promise<KafkaConnection> {
  // kafkajs' own variable: it shows all that kafkajs logs.
  const verbose = Boolean(env.KAFKAJS_LOG_LEVEL);
  const kafka = await connectKafka(readKafkaSettings(env), name, { verbose });
  await ensureApplicationTopics(kafka);
  return kafka;
}
