/** What an error of kafkajs means: an outage, which passes, or a refusal, which does not. */
import { ProgramError } from "../errors.ts";
import type { KafkaSettings } from "./settings.ts";

export type KafkaErrorKind =
  | "unreachable" // Nothing answers at the address.
  | "hung_up" // What answers hangs up without a word: no Kafka, or one that wants a password.
  | "advertised_address" // Kafka answers, but names an address of its own that does not.
  | "wants_tls"
  | "no_tls"
  | "unknown_ca"
  | "certificate"
  | "wants_password"
  | "wrong_password"
  | "wrong_login"
  | "refused"; // Kafka answers, and says no.

/** An error of the connection to Kafka. `fix` is a command, where one fixes it. */
export class KafkaError extends ProgramError {
  declare readonly kind: KafkaErrorKind;

  constructor(kind: KafkaErrorKind, message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, { kind, ...options });
  }
}

/** kafkajs nests the causes of its errors, or puts several side by side. From the outermost to the first. */
export function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const { cause, errors = [] } = error as { cause?: unknown; errors?: unknown[] };
  return [error, ...[cause, ...errors].filter((inner) => inner !== error).flatMap(causesOf)];
}

/** One pattern that matches what any of these does. They have the same flags. */
export function anyOf(...patterns: [RegExp, ...RegExp[]]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join("|"), patterns[0].flags);
}

const OUTAGE_NAMES = anyOf(
  /KafkaJS(Connection|RequestTimeout|LockTimeout)/,
  /KafkaJS(BrokerNotFound|NoBrokerAvailable|GroupCoordinatorNotFound|MetadataNotLoaded)/,
);
const OUTAGE_MESSAGES = anyOf(
  /ECONN|EPIPE|socket hang up/i,
  /coordinator|leader|not host this topic|in-sync replicas|replica is not available/i,
);
/**
 * When the last broker hangs up during an admin request, kafkajs destructures null (brokerPool.js,
 * withBroker).
 */
const NO_ANSWER = /^Cannot destructure property '\w+' of .* as it is null/;

/** Whether this is about a broker that is away or moving, which passes, and not about what we asked of it. */
export function isOutage(error: unknown): boolean {
  return causesOf(error).some(
    (inner) =>
      OUTAGE_NAMES.test(inner.name) ||
      OUTAGE_MESSAGES.test(inner.message) ||
      NO_ANSWER.test(inner.message) ||
      // What the protocol itself calls passing, such as REQUEST_TIMED_OUT.
      (inner.name === "KafkaJSProtocolError" && (inner as { retriable?: boolean }).retriable === true),
  );
}

/** One line for what Kafka refused while everything was connected, such as a message that is too large. */
export function explainRefusal(error: unknown, what: string): ProgramError {
  const ours = causesOf(error).find((inner) => inner instanceof ProgramError);
  if (ours !== undefined) return ours;
  const [outer] = causesOf(error);
  // Kafka's own words, if they are there; else the innermost error. Those around it say how often it
  // was tried.
  const told = causesOf(error).find(({ message }) => REFUSAL.test(message)) ?? causesOf(error).at(-1);
  const reason = told?.message.split("\n")[0] ?? String(error);
  const advice = REFUSALS.find(([pattern]) => pattern.test(reason))?.[1] ?? "npm run doctor";
  return new KafkaError("refused", `Kafka refused ${what}: ${reason}. Next: ${advice}`, { cause: outer });
}

/** Words with which Kafka refuses. Whoever asked gets them as an error, so the log need not tell them. */
export const REFUSAL = /failed the validation|compacted topic|larger than the max|too large|not authorized/i;

const REFUSALS: [RegExp, string][] = [
  [
    /failed the validation|compacted topic|has no key/i,
    "the topic must not be compacted (cleanup.policy=delete): npx tsx 5_task_queue/kafka_setup.ts --reset",
  ],
  [/larger than the max|too large/i, "send less at once, or raise the topic's max.message.bytes"],
  [/not authorized|authorization/i, "ask the operator of this Kafka for the rights"],
];

/** One line for a topic that Kafka did not make; anything else as it was. */
export function explainNoTopic(error: unknown, { replicationFactor }: KafkaSettings): unknown {
  const refusals = causesOf(error).filter(({ name }) => name === "KafkaJSCreateTopicError");
  // Their fields `topic` and `type` are missing in kafkajs' types.
  const refusal = (refusals as (Error & { topic: string; type: string })[]).find(
    ({ type }) => type !== "TOPIC_ALREADY_EXISTS",
  );
  if (refusal === undefined) return error;
  const advice =
    refusal.type === "INVALID_REPLICATION_FACTOR"
      ? `check KAFKA_REPLICATION_FACTOR, which is ${replicationFactor}: there have to be as many brokers`
      : "make it with other rights, or ask its operator";
  const message = `Kafka did not make the topic ${refusal.topic} (${refusal.message}): ${advice}`;
  return new KafkaError("refused", message, { cause: error });
}
