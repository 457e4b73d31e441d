/** The Kafka that is measured on: the one that KAFKA_BROKERS names, or one of its own, which cleanUp() ends. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBroker } from "../../../kafka/broker.ts";
import { freePort } from "../../../kafka/ports.ts";
import { atEnd } from "../../harness/cleanup.ts";
import { type Corner, openCorner } from "./corner.ts";

export interface Ground {
  openCorner(): Promise<Corner>;
}

export async function openGround(): Promise<Ground> {
  const brokers = process.env.KAFKA_BROKERS || (await startOwnBroker());
  return { openCorner: () => openCorner(brokers) };
}

async function startOwnBroker(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "iris-bench-"));
  atEnd(() => rm(dataDir, { recursive: true, maxRetries: 20 }));
  const broker = await startBroker({ port: await freePort(), dataDir });
  atEnd(() => broker.stop());
  return broker.brokers;
}
