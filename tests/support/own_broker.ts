/** A broker of a test's own, which it may stop, kill and start again, with a sandbox on it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Broker, type BrokerOptions, startBroker } from "../../kafka/broker.ts";
import { freePort } from "../../kafka/ports.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";

export interface OwnBroker {
  broker: Broker;
  sandbox: KafkaSandbox;
  /** Ends programs and broker, deletes the folder. Starts a broker that is down, since the sandbox leaves nothing in it. */
  close(): Promise<void>;
}

/** Starts a broker on a free port, in a folder of its own. */
export async function startOwnBroker(options: Partial<BrokerOptions> = {}): Promise<OwnBroker> {
  const dataDir = await mkdtemp(join(tmpdir(), "iris-own-broker-"));
  const broker = await startBroker({ port: await freePort(), dataDir, ...options });
  const sandbox = await openSandbox(broker.brokers);
  return {
    broker,
    sandbox,
    async close() {
      await sandbox.close();
      await broker.stop();
      await rm(dataDir, { recursive: true, maxRetries: 20 });
    },
  };
}
