/** kafkajs logs JSON for machines; a person gets one readable line for what matters, and none for what is expected. */
import type { logCreator } from "kafkajs";

/** What happens whenever a group changes or a broker restarts, and mends itself. */
const EXPECTED =
  /group is rebalancing|re-joining|rejoin|resync group|coordinator is not (available|aware)|not the (correct )?coordinator|Crash: KafkaJS|Restarting the consumer|does not host this topic|no leader|not the leader|leader election|generation|member id|Failed to refresh metadata|stale/i;

const OUTAGE =
  /Connection|connect|ECONN|socket|Closed|disconnect|Broker not|timed out|timeout|No active|Response (Fetch|Heartbeat|Metadata|Produce)|offline|coordinator|NotEnoughReplicas|not enough|in-sync/i;

/** Two outages are told apart by this much quiet between their messages. */
const QUIET_MS = 5000;
let lastOutageMessage = Number.NEGATIVE_INFINITY;

/** One line an outage, whoever meets it first. What is expected, such as a new topic without a leader, is none. */
export function tellOutage(text: string): void {
  if (EXPECTED.test(text) || !OUTAGE.test(text)) return;
  const now = performance.now();
  if (now - lastOutageMessage > QUIET_MS) console.error("Kafka is not reachable, retrying");
  lastOutageMessage = now;
}

let refusal: string | undefined;

/**
 * What Kafka has refused us, if it has. When a group may not be used, kafkajs drops the answer and says that there is
 * no coordinator, as in an outage (brokerPool.js, withBroker); only its log has the reason.
 */
export function knownRefusal(): string | undefined {
  return refusal;
}

/** A log creator for kafkajs. KAFKAJS_LOG_LEVEL=debug (kafkajs' own variable) shows everything. */
export const readableLog: logCreator = () => {
  const verbose = process.env.KAFKAJS_LOG_LEVEL !== undefined;
  return ({ label, log }) => {
    const { message, error } = log as { message: string; error?: unknown };
    const text = typeof error === "string" ? `${message}: ${error}` : message;
    const isRefusal = typeof error === "string" && /not authorized/i.test(error);
    if (isRefusal) refusal = error;
    if (verbose) {
      console.error(`kafkajs ${label}: ${text}`);
    } else if (isRefusal || EXPECTED.test(text)) {
      return;
    } else if (OUTAGE.test(text)) {
      tellOutage(text);
    } else {
      console.error(`Kafka: ${text.split("\n")[0]}`);
    }
  };
};
