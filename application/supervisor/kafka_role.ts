/** The application's Kafka: one that is there, or one that it starts, and starts again when that dies. */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readVariable } from "../../common/environment.ts";
import type { Broker } from "../../kafka/broker.ts";
import { shown, usualDataDir } from "../../kafka/data_folder.ts";
import { findKafka, USUAL_BROKERS } from "../../kafka/find_kafka.ts";
import { HEALTHY_MS } from "./role.ts";
import { tell, tellTrouble } from "./tell.ts";

const NAME = "Kafka";
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export interface KafkaRole {
  brokers: string;
  /** Ends what was started for this. */
  stop(): Promise<void>;
}

export interface KafkaPlan {
  env: NodeJS.ProcessEnv;
  /** Of a Kafka that is started. */
  kafkaPort: number;
  /** Where the application keeps everything; otherwise Kafka keeps it where `npm run kafka` does. */
  data: string | undefined;
}

/** Resolves when a Kafka answers; says which. Rejects with the signal's reason when it is aborted. */
export async function openKafkaRole(plan: KafkaPlan, signal: AbortSignal): Promise<KafkaRole> {
  const { env, kafkaPort: port, data } = plan;
  const dataDir = data === undefined ? usualDataDir(port) : resolve(data, "kafka");
  const lasting = { port, dataDir, otherFolder: "npm run app -- --data <folder>" };
  const kafka = await findKafka({ env, signal, lasting, tell: (line) => tell(NAME, line) });
  const { brokers, origin, broker } = kafka;
  tell(NAME, broker === undefined ? origin : `${origin} (pid ${broker.pid})`);
  if (broker !== undefined) tell(NAME, `what it holds is kept in ${shown(dataDir)}`);
  if (readVariable(env, "KAFKA_BROKERS") === undefined && brokers !== USUAL_BROKERS)
    tell(NAME, `other terminals reach it with KAFKA_BROKERS=${brokers}`);
  const watching = broker === undefined ? Promise.resolve() : keepAlive(broker, signal);
  return {
    brokers,
    async stop() {
      await watching;
      await kafka.stop();
    },
  };
}

/** Resolves when the signal is aborted, and no start is under way. */
async function keepAlive(broker: Broker, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined));
  });
  let [pause, begun] = [FIRST_PAUSE_MS, performance.now()];
  for (;;) {
    const reason = await Promise.race([broker.exited, aborted]);
    if (reason === undefined || signal.aborted) return;
    if (performance.now() - begun > HEALTHY_MS) pause = FIRST_PAUSE_MS;
    tellTrouble(NAME, `${reason}; it is started again in ${pause / 1000} s`);
    await Promise.race([sleep(pause), aborted]);
    if (signal.aborted) return;
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    begun = performance.now();
    try {
      await broker.restart();
      tell(NAME, `answers again on ${broker.brokers} (pid ${broker.pid})`);
    } catch (error) {
      if (signal.aborted) return;
      tellTrouble(NAME, (error as Error).message);
    }
  }
}
