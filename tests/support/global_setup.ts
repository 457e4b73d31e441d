/** vitest's global set-up for tests that need Kafka: one broker for the whole run, or the one that KAFKA_BROKERS names. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startBroker } from "../../kafka/broker.ts";
import { freePort } from "../../kafka/ports.ts";

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
  const dataDir = await mkdtemp(join(tmpdir(), "iris-kafka-"));
  const broker = await startBroker({ port: await freePort(), dataDir });
  project.provide("kafkaBrokers", broker.brokers);
  return async () => {
    await broker.stop();
    await rm(dataDir, { recursive: true });
  };
}
