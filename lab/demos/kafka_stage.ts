/**
 * A Kafka for a demonstration, and a part of it under a prefix of its own: a class's topics are not
 * disturbed.
 */
import { connectKafka } from "../../common/kafka/client.ts";
import { type KafkaSettings, readKafkaSettings } from "../../common/kafka/settings.ts";
import { findKafka } from "../../kafka/find_kafka.ts";
import { atEnd, begin } from "../harness/cleanup.ts";
import {
  deletePrefix,
  newPrefix,
  sweepFolders,
  sweepLeftovers,
  temporaryFolder,
} from "../harness/leftovers.ts";
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
  tellSwept(await sweepFolders());
  const folder = await temporaryFolder("demo");
  const { brokers, origin, isTemporary } = await begin(
    (signal) => findKafka({ signal, tell }),
    (kafka) => kafka.stop(),
  );
  const settings = readKafkaSettings({ ...process.env, KAFKA_BROKERS: brokers });
  const prefix = newPrefix("demo", settings.prefix);
  if (!isTemporary) await keepClean(settings, prefix);
  tell(`Kafka: ${origin}. Topics begin with ${prefix}`);
  return { env: { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix }, folder };
}

/** Others use this Kafka too: removes what an earlier run left there, and at the end what this one made. */
async function keepClean(settings: KafkaSettings, prefix: string): Promise<void> {
  const kafka = await begin(
    () => connectKafka(settings, `demo:${process.pid}`),
    (connection) => connection.close(),
  );
  atEnd(() => deletePrefix(kafka, prefix));
  tellSwept(await sweepLeftovers(kafka));
}

/** Says what was found of an earlier run that could not clean up. */
export function tellSwept(names: readonly string[]): void {
  if (names.length > 0) tell(`Removed what an earlier run had to leave: ${names.join(", ")}`);
}
