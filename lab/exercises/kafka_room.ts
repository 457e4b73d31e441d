/** A part of the Kafka that is there, for one verification: a topic prefix of its own, deleted at the end. */
import { connectKafka } from "../../common/kafka/client.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import { atEnd } from "../harness/cleanup.ts";
import { deletePrefix, newPrefix } from "../harness/leftovers.ts";

export interface KafkaRoom {
  /** For the programs. */
  env: Record<string, string>;
}

/** Throws ProgramError with one line when no Kafka answers. */
export async function openKafkaRoom(): Promise<KafkaRoom> {
  const kafka = await connectKafka(readKafkaSettings(process.env), `verify:${process.pid}`);
  // Behind the class's own prefix, which may be all that one has rights to.
  const prefix = newPrefix("verify", kafka.settings.prefix);
  atEnd(async () => {
    await deletePrefix(kafka, prefix);
    await kafka.close();
  });
  return { env: { KAFKA_TOPIC_PREFIX: prefix } };
}
