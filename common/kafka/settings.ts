/** Which Kafka, and how to get in: the environment, parsed once. The same variables serve a laptop and a managed cluster. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SASLOptions } from "kafkajs";
import { ProgramError } from "../errors.ts";

export interface KafkaSettings {
  brokers: string[];
  /** false: plain text; true: TLS with the system's CAs; otherwise TLS with this CA (PEM). */
  ssl: boolean | { ca: string };
  sasl?: SASLOptions;
  /** Set before every topic and group, so that tests and classrooms can share a cluster. */
  prefix: string;
  /** Copies of each partition; -1 leaves it to the cluster. */
  replicationFactor: number;
}

const MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"] as const;

/** Throws ProgramError when a variable holds something else than it should. */
export function readKafkaSettings(env: NodeJS.ProcessEnv = process.env): KafkaSettings {
  const brokers = (env.KAFKA_BROKERS || "localhost:9092").split(",").map((address) => address.trim());
  for (const address of brokers) {
    const port = Number(
      /^[^\s:]+:(\d{1,5})$|^\[[\da-f:]+\]:(\d{1,5})$/i.exec(address)?.slice(1).find(Boolean),
    );
    if (!(port >= 1 && port <= 65_535)) throw expected("KAFKA_BROKERS", "host:port[,host:port...]", address);
  }
  const prefix = env.KAFKA_TOPIC_PREFIX ?? "";
  if (!/^[\w.-]{0,100}$/.test(prefix)) {
    throw expected(
      "KAFKA_TOPIC_PREFIX",
      "at most 100 letters, digits, dots, hyphens and underscores",
      prefix,
    );
  }
  const replication = env.KAFKA_REPLICATION_FACTOR || "-1";
  if (!/^(-1|[1-9]\d{0,2})$/.test(replication)) {
    throw expected("KAFKA_REPLICATION_FACTOR", "a whole number of at least 1", replication);
  }
  const sasl = readSasl(env);
  const settings = { brokers, ssl: readSsl(env), prefix, replicationFactor: Number(replication) };
  return sasl === undefined ? settings : { ...settings, sasl };
}

function readSsl(env: NodeJS.ProcessEnv): KafkaSettings["ssl"] {
  const wish = (env.KAFKA_SSL || "").toLowerCase();
  if (!["", "true", "1", "false", "0"].includes(wish)) throw expected("KAFKA_SSL", "true or false", wish);
  if (!env.KAFKA_SSL_CA) return wish === "true" || wish === "1";
  if (wish === "false" || wish === "0") return false;
  try {
    const ca = readFileSync(env.KAFKA_SSL_CA, "utf8");
    new X509Certificate(ca); // Throws when it is none: TLS would pass over it and know no CA at all.
    return { ca };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === undefined || code.startsWith("ERR_") ? "which holds none" : code;
    throw expected("KAFKA_SSL_CA", "a PEM file with the CA's certificate", env.KAFKA_SSL_CA, ` (${why})`);
  }
}

function readSasl(env: NodeJS.ProcessEnv): SASLOptions | undefined {
  const { KAFKA_SASL_USERNAME: username = "", KAFKA_SASL_PASSWORD: password = "" } = env;
  const asked = (env.KAFKA_SASL_MECHANISM || "").toLowerCase();
  if (asked === "" && username === "" && password === "") return undefined;
  const mechanism = MECHANISMS.find((known) => known === (asked || "plain"));
  if (mechanism === undefined) throw expected("KAFKA_SASL_MECHANISM", MECHANISMS.join(" or "), asked);
  const given = asked === "" ? "KAFKA_SASL_PASSWORD" : "KAFKA_SASL_MECHANISM";
  if (username === "") throw expected("KAFKA_SASL_USERNAME", `a name, since ${given} is set`, "");
  if (password === "")
    throw expected("KAFKA_SASL_PASSWORD", "a password, since KAFKA_SASL_USERNAME is set", "");
  return { mechanism, username, password } as SASLOptions;
}

function expected(name: string, what: string, got: string, remark = ""): ProgramError {
  const shown = got === "" ? "nothing" : JSON.stringify(got);
  return new ProgramError(`Expected ${name} to be ${what}, got ${shown}${remark}`);
}
