/**
 * What a person is told while a program is connected to Kafka. kafkajs logs JSON for machines, a line for
 * each of its retries; a person gets one line when Kafka goes away, one when it is back, and none for what is
 * expected.
 */

import type { LogEntry, logCreator } from "kafkajs";
import { anyOf, REFUSAL } from "./errors.ts";
import type { Unreadable } from "./record_batches.ts";

/** What happens whenever a group changes or a broker restarts, and passes by itself. */
const EXPECTED = anyOf(
  /group is rebalancing|re-joining|rejoin|resync group|generation|member id/i,
  /coordinator is not (available|aware)|not the (correct )?coordinator/i,
  /no leader|not the leader|leader election|Failed to refresh metadata|stale/i,
  /Crash: KafkaJS|Restarting the consumer|Error when calling each|Cannot load the library/i,
  /not aware of all assigned partitions|Response without match/i,
);
const MISSING_TOPIC = /does not host this topic/i;
const OUTAGE = anyOf(
  /connect|ECONN|socket|closed|timed out|timeout|offline/i,
  /Broker not|No active|Response (Fetch|Heartbeat|Metadata|Produce)|coordinator/i,
  /NotEnoughReplicas|not enough|in-sync/i,
);

/** So long may a topic that was made or changed just now be unknown to a broker. */
const NEW_TOPIC_MS = 3000;
/**
 * A fault is over when something succeeds and no more of its messages have come for so long. When one broker
 * of a cluster is killed, they come with pauses of some seconds: it is still one fault.
 */
const QUIET_MS = 5000;

const LINES = {
  away: "Kafka is not reachable, retrying",
  missing:
    "Kafka has no such topic any more (tasks, results or tasks-dlt): was it deleted? " +
    "Waiting for it; this makes it again: npx tsx 5_task_queue/kafka_setup.ts",
};

/** Where lines for people go. A program with an open prompt prints them above it. */
export type Say = (line: string) => void;

/** The log of one connection to Kafka: it remembers what it has told, and what Kafka refused. */
export class ConnectionLog {
  /**
   * What Kafka refused us, if it did. When a group may not be used, kafkajs drops the answer and says that
   * there is no coordinator, as in an outage (brokerPool.js, withBroker). Only its log has the reason.
   */
  refusal: string | undefined;
  readonly #say: Say;
  readonly #verbose: boolean;
  #told: keyof typeof LINES | undefined;
  #firstMissing: number | undefined;
  #lastFault = Number.NEGATIVE_INFINITY;
  #check: NodeJS.Timeout | undefined;

  /** `verbose` shows all that kafkajs logs (its own variable KAFKAJS_LOG_LEVEL). */
  constructor(say: Say, verbose = false) {
    this.#say = say;
    this.#verbose = verbose;
  }

  /** For kafkajs' option logCreator. */
  readonly creator: logCreator = () => (entry) => this.#read(entry);

  #read({ label, log }: LogEntry): void {
    const { message, error } = log as { message: string; error?: unknown };
    const text = typeof error === "string" ? `${message}: ${error}` : message;
    if (typeof error === "string" && /not authorized/i.test(error)) this.refusal = error;
    if (this.#verbose) this.#say(`kafkajs ${label}: ${text}`);
    else this.notice(text, (line) => this.#say(`Kafka: ${line}`));
  }

  /** Tells of an outage, once. What is no outage and not expected goes to `others`. */
  notice(text: string, others: Say = () => {}): void {
    if (REFUSAL.test(text) || EXPECTED.test(text)) return;
    const now = performance.now();
    if (MISSING_TOPIC.test(text)) {
      this.#firstMissing ??= now;
      this.#lastFault = now;
      if (now - this.#firstMissing > NEW_TOPIC_MS) this.#tell("missing");
    } else if (OUTAGE.test(text)) {
      this.#lastFault = now;
      this.#tell("away");
    } else others(text.split("\n")[0] ?? "");
  }

  /** Tells of messages that cannot be read. */
  skipped(partition: number, { firstOffset, lastOffset, reason }: Unreadable): void {
    const offsets =
      firstOffset === lastOffset ? `offset ${lastOffset}` : `offsets ${firstOffset} to ${lastOffset}`;
    this.#say(`Skipped partition ${partition}, ${offsets}: ${reason}`);
  }

  #tell(fault: keyof typeof LINES): void {
    if (this.#told === fault) return;
    this.#told = fault;
    this.#say(LINES[fault]);
  }

  /** To be called when Kafka has answered: the first answer after an outage is told. */
  success(): void {
    if (this.#told === undefined && this.#firstMissing === undefined) return;
    const quiet = performance.now() - this.#lastFault;
    if (quiet >= QUIET_MS) {
      if (this.#told !== undefined)
        this.#say(this.#told === "away" ? "Kafka is reachable again" : "The topic is there again");
      this.#told = undefined;
      this.#firstMissing = undefined;
    } else {
      // Of three brokers one may be away while the others answer: it is over when its messages stop.
      clearTimeout(this.#check);
      this.#check = setTimeout(() => this.success(), QUIET_MS - quiet + 1);
      this.#check.unref();
    }
  }
}
