/** Does the Kafka that the environment names answer, and what to do if not. */
import type { Admin } from "kafkajs";
import { ProgramError } from "../../common/errors.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import type { Finding } from "./check.ts";
import type { Tools } from "./tools.ts";

const USUAL_PORT = 9092;

export interface Contact {
  /** Where it was looked for; undefined when the environment is not to be understood. */
  brokers?: string[];
  /** Connected, when a Kafka answers. */
  admin?: Admin;
  milliseconds?: number;
  /** One line, when none does. */
  line?: string;
}

/** Takes 4 seconds at most. */
export async function contact(): Promise<Contact> {
  let brokers: string[] | undefined;
  try {
    ({ brokers } = readKafkaSettings());
    // Not before: this module ends the program when the environment is not to be understood.
    const { contactKafka } = await import("../../common/kafka/client.ts");
    const start = performance.now();
    const admin = await contactKafka(`doctor:${process.pid}`);
    return { brokers, admin, milliseconds: Math.round(performance.now() - start) };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return brokers === undefined ? { line: error.message } : { brokers, line: error.message };
  }
}

/** The port of this machine where a Kafka is looked for; undefined when KAFKA_BROKERS names others. */
export function localPort({ brokers = [`localhost:${USUAL_PORT}`] }: Contact): number | undefined {
  const port = /^(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)$/i.exec(brokers.join(","))?.[1];
  return port === undefined ? undefined : Number(port);
}

/** Whether what is there, if anything, said no word of Kafka's: what asks for a password or a certificate may be one. */
export function isSilent({ line }: Contact): boolean {
  return line?.startsWith("No Kafka answers") ?? false;
}

/** `mendPort` is the command that evades another program on Kafka's port, if there is one. */
export function judgeContact(kafka: Contact, tools: Tools, mendPort: string | undefined): Finding {
  const { brokers = [], milliseconds, line } = kafka;
  if (line === undefined)
    return { name: "broker", ok: true, detail: `${brokers.join(",")} answers after ${milliseconds} ms` };
  const because = line.replace(/(: |\. ).*/, "").replace(/^(No|The|Expected) /, (word) => word.toLowerCase());
  return {
    name: "broker",
    ok: false,
    detail: line,
    mend: mendPort ?? mendContact(kafka, tools),
    blocks: { stages: [4, 5], because },
  };
}

/** A Kafka that answers, but lets nobody in like this. */
const ENTRANCES: [RegExp, string][] = [
  [
    /refused the user|wants a password/,
    "export KAFKA_SASL_MECHANISM=plain KAFKA_SASL_USERNAME=... KAFKA_SASL_PASSWORD=...",
  ],
  [/wants TLS/, "export KAFKA_SSL=true"],
  [/does not speak TLS/, "unset KAFKA_SSL KAFKA_SSL_CA"],
  [/unknown CA|not signed by the CA/, "export KAFKA_SSL_CA=ca.pem"],
];

function mendContact(kafka: Contact, { java, maven, docker }: Tools): string {
  const variable = /^Expected (KAFKA_\w+)/.exec(kafka.line ?? "")?.[1];
  if (variable !== undefined) return `export ${variable}=...`;
  const known = ENTRANCES.find(([pattern]) => pattern.test(kafka.line ?? ""));
  if (known !== undefined) return known[1];
  // What to do stands in the line itself.
  const advice = /: (.+)/.exec(kafka.line ?? "")?.[1];
  if (advice !== undefined && !isSilent(kafka)) return advice;

  const port = localPort(kafka);
  const start = docker.ok ? "docker compose up -d" : "npm run kafka";
  if (port === USUAL_PORT) return start;
  // Docker Compose knows the usual port only.
  if (port !== undefined && ((java.ok && maven.ok) || !docker.ok)) return `npm run kafka -- --port ${port}`;
  return `unset KAFKA_BROKERS && ${start}`;
}
