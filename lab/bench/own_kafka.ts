/** The Kafka of a benchmark: the one that KAFKA_BROKERS names, or one of its own, which ends with it. */
import { readVariable } from "../../common/environment.ts";
import { startTemporaryBroker } from "../../kafka/temporary.ts";
import { begin } from "../harness/cleanup.ts";

/** Resolves with its address. What was started is ended by cleanUp(). */
export async function kafkaForBench(): Promise<string> {
  const named = readVariable(process.env, "KAFKA_BROKERS");
  if (named !== undefined) return named;
  console.error("Starting a Kafka of its own");
  const { broker } = await begin(
    (signal) => startTemporaryBroker({ signal }),
    ({ close }) => close(),
  );
  return broker.brokers;
}
