/** Does the Kafka that the environment names answer, and what to do if not. */
import { ProgramError } from "../../common/errors.ts";
import { connectKafka, type KafkaConnection } from "../../common/kafka/client.ts";
import type { KafkaErrorKind } from "../../common/kafka/errors.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import type { Check } from "./check.ts";
import type { Tools } from "./tools.ts";

const USUAL_PORT = 9092;

export interface Contact {
  /** Where it was looked for; undefined when the environment is not to be understood. */
  brokers?: string[];
  /** Connected, when a Kafka answers. */
  kafka?: KafkaConnection;
  milliseconds?: number;
  /** Why none does. */
  error?: ProgramError;
}

/** Takes 4 seconds at most. */
export async function contact(): Promise<Contact> {
  let brokers: string[] | undefined;
  try {
    const settings = readKafkaSettings(process.env);
    ({ brokers } = settings);
    const start = performance.now();
    const kafka = await connectKafka(settings, `doctor:${process.pid}`);
    return { brokers, kafka, milliseconds: Math.round(performance.now() - start) };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    return brokers === undefined ? { error } : { brokers, error };
  }
}

/** The port of this machine where a Kafka is looked for; undefined when KAFKA_BROKERS names others. */
export function localPort({ brokers = [`localhost:${USUAL_PORT}`] }: Contact): number | undefined {
  const port = /^(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)$/i.exec(brokers.join(","))?.[1];
  return port === undefined ? undefined : Number(port);
}

/**
 * Whether what is there, if anything, said no word of Kafka's: what asks for a password or a certificate may
 * be one.
 */
export function isSilent({ error }: Contact): boolean {
  return error?.kind === "unreachable";
}

/** `fixPort` is the command that avoids another program on Kafka's port, if there is one. */
export function judgeContact(kafka: Contact, tools: Tools, fixPort: string | undefined): Check {
  const { brokers = [], milliseconds, error } = kafka;
  if (error === undefined)
    return { name: "broker", ok: true, detail: `${brokers.join(",")} answers after ${milliseconds} ms` };
  const because = describeProblem(error, brokers.join(","));
  return {
    name: "broker",
    ok: false,
    detail: error.message,
    fix: fixPort ?? error.fix ?? startCommand(kafka, tools),
    blocks: { stages: [4, 5], because },
  };
}

const PROBLEMS: Partial<Record<KafkaErrorKind | "bad_setting", (at: string) => string>> = {
  bad_setting: () => "a KAFKA_ variable is wrong",
  unreachable: (at) => `no Kafka answers at ${at}`,
  hung_up: (at) => `${at} hung up`,
  advertised_address: (at) => `Kafka at ${at} names an address that does not answer`,
  wants_tls: (at) => `Kafka at ${at} wants TLS`,
  no_tls: (at) => `Kafka at ${at} does not speak TLS`,
  wants_password: (at) => `Kafka at ${at} wants a password`,
  wrong_password: (at) => `Kafka at ${at} refused the user`,
};

/** The reason in a few words, for the line about the stages. */
function describeProblem({ kind }: ProgramError, at: string): string {
  const describe = PROBLEMS[kind as KafkaErrorKind];
  return describe?.(at) ?? `Kafka at ${at} does not let us in`;
}

/** The command that starts a Kafka where it is looked for, or that installs what starts one. */
function startCommand(kafka: Contact, { java, maven, docker }: Tools): string {
  const port = localPort(kafka);
  if (!docker.ok && !java.ok) return java.fix;
  if (!docker.ok && !maven.ok) return maven.fix;
  const start = docker.ok ? "docker compose up -d" : "npm run kafka";
  if (port === USUAL_PORT) return start;
  // Docker Compose knows the usual port only.
  if (port !== undefined && ((java.ok && maven.ok) || !docker.ok)) return `npm run kafka -- --port ${port}`;
  return `unset KAFKA_BROKERS && ${start}`;
}
