/** The Kafka that is measured on: the one that KAFKA_BROKERS names, or one of its own, which cleanUp() ends. */
import { startTemporaryBroker } from "../../../kafka/temporary.ts";
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
  const { broker, close } = await startTemporaryBroker();
  atEnd(close);
  return broker.brokers;
}
