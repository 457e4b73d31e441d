/** A broker of a test's own, which it may stop, kill and start again, with a sandbox on it. */
import type { Broker, BrokerOptions } from "../../kafka/broker.ts";
import { startTemporaryBroker } from "../../kafka/temporary.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";

export interface OwnBroker {
  broker: Broker;
  sandbox: KafkaSandbox;
  /** Ends programs and broker, and deletes its folder. The broker must run: the sandbox cleans up in it. */
  close(): Promise<void>;
}

/** Starts a broker on a free port, in a folder of its own. */
export async function startOwnBroker(options: Partial<BrokerOptions> = {}): Promise<OwnBroker> {
  const { broker, close } = await startTemporaryBroker(options);
  const sandbox = await openSandbox(broker.brokers);
  return {
    broker,
    sandbox,
    async close() {
      await sandbox.close();
      await close();
    },
  };
}
