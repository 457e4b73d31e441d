/**
 * Which Kafka, and how to log in: the environment, parsed once by a program's entry point. The same variables
 * serve a laptop's one broker and a managed cluster.
 */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SASLOptions } from "kafkajs";
import * as v from "valibot";
import { invalidVariable, readVariable } from "../environment.ts";
import type { ProgramError } from "../errors.ts";

const HOST_AND_PORT = /^[^\s:]+:(\d{1,5})$|^\[[\da-f:]+\]:(\d{1,5})$/i;
const MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"] as const;

const address = v.pipe(
  v.string(),
  v.trim(),
  v.check((text) => {
    const port = Number(HOST_AND_PORT.exec(text)?.slice(1).find(Boolean));
    return port >= 1 && port <= 65_535;
  }),
);
const boolean = v.pipe(v.string(), v.toLowerCase(), v.picklist(["true", "1", "false", "0"]));

/** Each variable, what it must be, and the words for that. An empty variable is no value. */
const VARIABLES = {
  KAFKA_BROKERS: [
    v.pipe(
      v.string(),
      v.transform((text) => text.split(",")),
      v.array(address),
    ),
    "host:port[,host:port...]",
  ],
  KAFKA_SSL: [
    v.pipe(
      boolean,
      v.transform((text) => text === "true" || text === "1"),
    ),
    "true or false",
  ],
  KAFKA_SASL_MECHANISM: [
    v.pipe(v.string(), v.toLowerCase(), v.picklist(MECHANISMS)),
    MECHANISMS.join(" or "),
  ],
  KAFKA_TOPIC_PREFIX: [
    v.pipe(v.string(), v.regex(/^[\w.-]{0,100}$/)),
    "at most 100 letters, digits, dots, hyphens and underscores",
  ],
  KAFKA_REPLICATION_FACTOR: [
    v.pipe(v.string(), v.regex(/^(-1|[1-9]\d{0,2})$/), v.transform(Number)),
    "a whole number of at least 1",
  ],
} as const;

export interface KafkaSettings {
  /** "host:port" of the brokers that are asked first; the cluster tells of the others. */
  brokers: string[];
  /** false: plain text; true: TLS with the system's CAs; otherwise TLS with this CA (PEM). */
  ssl: boolean | { ca: string };
  sasl?: SASLOptions;
  /** Stands before the name of every topic and group, so that tests and classes can share a cluster. */
  prefix: string;
  /** Copies of each partition; -1 leaves it to the cluster. */
  replicationFactor: number;
}

/**
 * Reads KAFKA_*. Throws ProgramError with kind "invalid_variable" when a variable holds something else than
 * it should.
 */
export function readKafkaSettings(env: NodeJS.ProcessEnv): KafkaSettings {
  const sasl = readSasl(env);
  return {
    brokers: read(env, "KAFKA_BROKERS") ?? ["localhost:9092"],
    ssl: readSsl(env),
    ...(sasl === undefined ? {} : { sasl }),
    prefix: read(env, "KAFKA_TOPIC_PREFIX") ?? "",
    replicationFactor: read(env, "KAFKA_REPLICATION_FACTOR") ?? -1,
  };
}

type Value<Name extends keyof typeof VARIABLES> = v.InferOutput<(typeof VARIABLES)[Name][0]>;

function read<Name extends keyof typeof VARIABLES>(
  env: NodeJS.ProcessEnv,
  name: Name,
): Value<Name> | undefined {
  const text = readVariable(env, name);
  if (text === undefined) return undefined;
  const [schema, expectation] = VARIABLES[name];
  const parsed = v.safeParse(schema, text, { abortEarly: true });
  if (parsed.success) return parsed.output as Value<Name>;
  // In a list it is the one bad element that is shown.
  const [issue] = parsed.issues;
  throw expected(name, expectation, issue.path === undefined ? text : String(issue.input));
}

function readSsl(env: NodeJS.ProcessEnv): KafkaSettings["ssl"] {
  const wish = read(env, "KAFKA_SSL");
  const file = readVariable(env, "KAFKA_SSL_CA");
  if (wish === false || file === undefined) return wish ?? false;
  try {
    const ca = readFileSync(file, "utf8");
    new X509Certificate(ca); // Throws when it is none. TLS itself would ignore it and know no CA at all.
    return { ca };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === undefined || code.startsWith("ERR_") ? "it holds none" : code;
    throw expected("KAFKA_SSL_CA", `a PEM file with the CA's certificate (${why})`, file, cause);
  }
}

function readSasl(env: NodeJS.ProcessEnv): KafkaSettings["sasl"] {
  const mechanism = read(env, "KAFKA_SASL_MECHANISM");
  const { KAFKA_SASL_USERNAME: username = "", KAFKA_SASL_PASSWORD: password = "" } = env;
  if (mechanism === undefined && username === "" && password === "") return undefined;
  const given = mechanism === undefined ? "KAFKA_SASL_PASSWORD" : "KAFKA_SASL_MECHANISM";
  if (username === "") throw expected("KAFKA_SASL_USERNAME", `a name, since ${given} is set`, "");
  if (password === "")
    throw expected("KAFKA_SASL_PASSWORD", "a password, since KAFKA_SASL_USERNAME is set", "");
  return { mechanism: mechanism ?? "plain", username, password } as SASLOptions;
}

function expected(name: string, what: string, got: string, cause?: unknown): ProgramError {
  return invalidVariable(name, what, got, { cause, fix: `export ${name}=...` });
}
