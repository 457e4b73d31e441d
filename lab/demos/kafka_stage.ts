/**
 * A Kafka for a demonstration, and a part of it under a prefix of its own: a class's topics are not
 * disturbed.
 */
import { connectKafka } from "../../common/kafka/client.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import { findKafka } from "../../kafka/find_kafka.ts";
import { atEnd, begin } from "../harness/cleanup.ts";
import { deletePrefix, newPrefix, sweepLeftovers, temporaryFolder } from "../harness/leftovers.ts";
import { tell } from "./narrate.ts";

/** One database for both stages, as in the project itself. */
export const DATABASE = "predictions.db";

export interface KafkaStage {
  /** KAFKA_BROKERS and KAFKA_TOPIC_PREFIX for the programs. */
  env: Record<string, string>;
  /** For the database. */
  folder: string;
}

/**
 * Finds a Kafka and says which. cleanUp() deletes what is made in it. Throws ProgramError when there is none.
 */
export async function openKafkaStage(): Promise<KafkaStage> {
  const folder = await temporaryFolder("demo");
  const { brokers, origin } = await begin(
    (signal) => findKafka({ signal, tell }),
    (kafka) => kafka.stop(),
  );
  const settings = readKafkaSettings({ ...process.env, KAFKA_BROKERS: brokers });
  const kafka = await begin(
    () => connectKafka(settings, `demo:${process.pid}`),
    (connection) => connection.close(),
  );
  tellSwept(await sweepLeftovers(kafka));
  const prefix = newPrefix("demo", settings.prefix);
  atEnd(() => deletePrefix(kafka, prefix));
  tell(`Kafka: ${origin}. Topics begin with ${prefix}`);
  return { env: { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix }, folder };
}

/** Says what was found of an earlier run that could not clean up. */
export function tellSwept(names: readonly string[]): void {
  if (names.length > 0) tell(`Removed what an earlier run had to leave: ${names.join(", ")}`);
}
