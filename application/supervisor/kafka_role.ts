/** The application's Kafka: one that is there, or one that it starts, and starts again when that dies. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Broker } from "../../kafka/broker.ts";
import { findKafka } from "../../kafka/find_kafka.ts";
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

/** Resolves when a Kafka answers; says which. Rejects with the signal's reason when it is aborted. */
export async function openKafkaRole(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<KafkaRole> {
  const kafka = await findKafka({ env, signal, tell: (line) => tell(NAME, line) });
  const { brokers, origin, isTemporary, broker } = kafka;
  tell(NAME, broker === undefined ? origin : `${origin} (pid ${broker.pid})`);
  if (isTemporary) {
    tell(NAME, "temporary: what it holds is deleted at the end");
    tell(NAME, `other terminals reach it with KAFKA_BROKERS=${brokers}`);
  }
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
