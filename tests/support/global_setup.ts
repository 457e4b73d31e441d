/** Vitest's set-up for tests that need Kafka: one broker for the whole run, or the one in KAFKA_BROKERS. */
import type { TestProject } from "vitest/node";
import { startTemporaryBroker } from "../../kafka/temporary.ts";

declare module "vitest" {
  export interface ProvidedContext {
    kafkaBrokers: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env.KAFKA_BROKERS) {
    project.provide("kafkaBrokers", process.env.KAFKA_BROKERS);
    return async () => {};
  }
  const { broker, close } = await startTemporaryBroker();
  project.provide("kafkaBrokers", broker.brokers);
  return close;
}
