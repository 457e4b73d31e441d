/**
 * Why the first connection to Kafka failed. Each pattern was seen: kafkajs 2.2.4 against Apache Kafka 4.3.0.
 */
import { connect } from "node:tls";
import { causesOf, KafkaError, type KafkaErrorKind } from "./errors.ts";
import type { KafkaSettings } from "./settings.ts";

const THREE_WAYS =
  "start one with npm run kafka or docker compose up -d, or name another with KAFKA_BROKERS=host:port";

type Meaning = (at: string, settings: KafkaSettings) => [KafkaErrorKind, message: string, fix?: string];
const LOG_IN = "export KAFKA_SASL_MECHANISM=plain KAFKA_SASL_USERNAME=... KAFKA_SASL_PASSWORD=...";
const NAME_CA = "export KAFKA_SSL_CA=ca.pem";

const MEANINGS: [RegExp, Meaning][] = [
  [
    /KafkaJSSASLAuthenticationError/,
    (at, { sasl }) => [
      "wrong_password",
      `Kafka at ${at} refused the user "${sasl !== undefined && "username" in sasl ? sasl.username : ""}": ` +
        "check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM",
      LOG_IN,
    ],
  ],
  [
    /certificate has expired/,
    (at) => ["certificate", `The certificate of Kafka at ${at} has expired: its operator has to renew it`],
  ],
  [
    /self-signed certificate|unable to (verify|get)/,
    (at, { ssl }) => [
      "unknown_ca",
      `The certificate of Kafka at ${at} is ` +
        (typeof ssl === "object"
          ? "not signed by the CA in KAFKA_SSL_CA: name the right CA's file"
          : "signed by an unknown CA: name its file with KAFKA_SSL_CA=ca.pem"),
      NAME_CA,
    ],
  ],
  [
    /does not match certificate/,
    (at) => [
      "certificate",
      `The certificate of Kafka at ${at} is for another host name: use the name in it in KAFKA_BROKERS`,
    ],
  ],
  [
    /before secure TLS connection|wrong version number|packet length too long/i,
    (at) => [
      "no_tls",
      `Kafka at ${at} does not speak TLS: unset KAFKA_SSL and KAFKA_SSL_CA, ` +
        "or name its port with TLS in KAFKA_BROKERS",
      "unset KAFKA_SSL KAFKA_SSL_CA",
    ],
  ],
  [
    /not valid given the current SASL state|not enabled in the server|SASL \S+ mechanism is not supported/i,
    (at) => [
      "wrong_login",
      `Kafka at ${at} does not take this way to log in: check KAFKA_SASL_MECHANISM, ` +
        "or unset KAFKA_SASL_* for a port without passwords",
    ],
  ],
];

/**
 * What a first connection that failed means. `address` is the broker that did not answer, when another one
 * had answered before and named it: a broker tells its clients under which address they reach it
 * (advertised.listeners).
 */
export async function explainNoKafka(
  error: unknown,
  settings: KafkaSettings,
  address: string | undefined,
): Promise<KafkaError> {
  const at = settings.brokers.join(",");
  const text = causesOf(error)
    .map(({ name, message }) => `${name}: ${message}`)
    .join("\n");
  const meaning = MEANINGS.find(([pattern]) => pattern.test(text))?.[1];
  const [kind, message, fix] =
    meaning?.(at, settings) ??
    (address !== undefined
      ? explainAdvertised(at, address)
      : /Closed connection/.test(text)
        ? await explainClosed(at, settings)
        : (["unreachable", `No Kafka answers at ${at}: ${THREE_WAYS}`] satisfies ReturnType<Meaning>));
  return new KafkaError(kind, message, fix === undefined ? { cause: error } : { fix, cause: error });
}

function explainAdvertised(at: string, address: string): ReturnType<Meaning> {
  return [
    "advertised_address",
    `Kafka at ${at} answers, but tells its clients to use ${address}, which does not answer from here: ` +
      "set advertised.listeners of that broker to an address that this machine reaches",
  ];
}

/** A broker that wants TLS or a password hangs up without a word on whoever comes without. */
async function explainClosed(
  at: string,
  { brokers, ssl, sasl }: KafkaSettings,
): Promise<ReturnType<Meaning>> {
  const logIn = "set KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM";
  if (ssl === false && (await speaksTls(brokers[0] ?? "")))
    return [
      "wants_tls",
      `Kafka at ${at} wants TLS: set KAFKA_SSL=true, and KAFKA_SSL_CA=ca.pem if its CA is not a public one`,
      "export KAFKA_SSL=true",
    ];
  if (sasl === undefined && ssl !== false)
    return ["wants_password", `Kafka at ${at} wants a password: ${logIn}`, LOG_IN];
  const guess =
    sasl === undefined
      ? `hung up. If that is Kafka, it wants a password: ${logIn}.`
      : "hung up before it said anything. Is that Kafka?";
  return ["hung_up", `${at} ${guess} If not, ${THREE_WAYS}`];
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
