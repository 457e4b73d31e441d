/** What a failed connection to Kafka means, in one line. */
import { connect } from "node:tls";
import { ProgramError } from "../errors.ts";
import type { KafkaSettings } from "./settings.ts";

/** The causes of kafkajs' errors lie inside one another, or several side by side; from the outermost to the first. */
function causesOf(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const { cause, errors = [] } = error as { cause?: unknown; errors?: unknown[] };
  return [error, ...[cause, ...errors].filter((inner) => inner !== error).flatMap(causesOf)];
}

const OUTAGE_NAMES =
  /KafkaJS(Connection|ConnectionClosed|RequestTimeout|BrokerNotFound|GroupCoordinatorNotFound|NumberOfRetriesExceeded|MetadataNotLoaded|NoBrokerAvailable|LockTimeout)/;
const OUTAGE_MESSAGES =
  /ECONN|EPIPE|socket hang up|coordinator|leader|not host this topic|in-sync replicas|replica is not available/i;
/** When the last broker hangs up on a question of the admin, kafkajs takes null apart (brokerPool.js, withBroker). */
const NO_ANSWER = /^Cannot destructure property '\w+' of .* as it is null/;

/** Whether this is about a broker that is away or moving, which passes, and not about what we asked of it. */
export function isOutage(error: unknown): boolean {
  return causesOf(error).some(
    ({ name, message }) =>
      OUTAGE_NAMES.test(name) || OUTAGE_MESSAGES.test(message) || NO_ANSWER.test(message),
  );
}

const THREE_WAYS =
  "start one with npm run kafka or docker compose up -d, or name another with KAFKA_BROKERS=host:port";
const USE_TLS = "set KAFKA_SSL=true, and KAFKA_SSL_CA=ca.pem if its CA is not a public one";
const LOG_IN = "set KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM";

/** Each pattern was seen: kafkajs 2.2.4 against Apache Kafka 4.3.0. */
const MEANINGS: [RegExp, (at: string, settings: KafkaSettings) => string | Promise<string>][] = [
  [
    /KafkaJSSASLAuthenticationError/,
    (at, { sasl }) =>
      `Kafka at ${at} refused the user "${sasl !== undefined && "username" in sasl ? sasl.username : ""}": check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM`,
  ],
  [
    /certificate has expired/,
    (at) => `The certificate of Kafka at ${at} has expired: its operator has to renew it`,
  ],
  [
    /self-signed certificate|unable to (verify|get)/,
    (at, { ssl }) =>
      typeof ssl === "object"
        ? `The certificate of Kafka at ${at} is not signed by the CA in KAFKA_SSL_CA: name the right CA's file`
        : `The certificate of Kafka at ${at} is signed by an unknown CA: name its file with KAFKA_SSL_CA=ca.pem`,
  ],
  [
    /does not match certificate/,
    (at) => `The certificate of Kafka at ${at} is for another host name: use the name in it in KAFKA_BROKERS`,
  ],
  [
    /before secure TLS connection|wrong version number|packet length too long/i,
    (at) =>
      `Kafka at ${at} does not speak TLS: unset KAFKA_SSL and KAFKA_SSL_CA, or name its port with TLS in KAFKA_BROKERS`,
  ],
  [
    /Request is not valid given the current SASL state|not enabled in the server|SASL \S+ mechanism is not supported/i,
    (at) =>
      `Kafka at ${at} does not take this way to log in: check KAFKA_SASL_MECHANISM, or unset KAFKA_SASL_* for a port without passwords`,
  ],
  [/Closed connection/, explainClosed],
];

/** One line for a first connection that failed: what is wrong, and what to do next. */
export async function explainNoKafka(error: unknown, settings: KafkaSettings): Promise<string> {
  const at = settings.brokers.join(",");
  const text = causesOf(error)
    .map(({ name, message }) => `${name}: ${message}`)
    .join("\n");
  const meaning = MEANINGS.find(([pattern]) => pattern.test(text));
  return meaning === undefined ? `No Kafka answers at ${at}: ${THREE_WAYS}` : meaning[1](at, settings);
}

/** A broker that wants TLS or a password hangs up without a word on whoever comes without. */
async function explainClosed(at: string, { brokers, ssl, sasl }: KafkaSettings): Promise<string> {
  if (ssl === false && (await speaksTls(brokers[0] ?? ""))) return `Kafka at ${at} wants TLS: ${USE_TLS}`;
  if (sasl === undefined && ssl !== false) return `Kafka at ${at} wants a password: ${LOG_IN}`;
  if (sasl === undefined)
    return `${at} hung up. If that is Kafka, it wants a password: ${LOG_IN}. If not, ${THREE_WAYS}`;
  return `${at} hung up before it said anything. Is that Kafka? If not, ${THREE_WAYS}`;
}

/** kafkajs' KafkaJSCreateTopicError, which its types do not know. */
interface TopicRefusal extends Error {
  topic: string;
  type: string;
}

/** One line for a topic that Kafka did not make; anything else as it was. */
export function explainNoTopic(error: unknown, { replicationFactor }: KafkaSettings): unknown {
  const refusals = causesOf(error).filter(({ name }) => name === "KafkaJSCreateTopicError");
  const refusal = (refusals as TopicRefusal[]).find(({ type }) => type !== "TOPIC_ALREADY_EXISTS");
  if (refusal === undefined) return error;
  const advice =
    refusal.type === "INVALID_REPLICATION_FACTOR"
      ? `check KAFKA_REPLICATION_FACTOR, which is ${replicationFactor}: there have to be as many brokers`
      : "make it with other rights, or ask its operator";
  return new ProgramError(`Kafka did not make the topic ${refusal.topic} (${refusal.message}): ${advice}`);
}

function speaksTls(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tls://${address}`);
  // Whose certificate it is does not matter here; the connection is closed at once.
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port),
    rejectUnauthorized: false,
  });
  return new Promise<boolean>((resolve) => {
    socket.setTimeout(1000, () => resolve(false));
    socket.on("secureConnect", () => resolve(true));
    socket.on("error", () => resolve(false));
  }).finally(() => socket.destroy());
}
