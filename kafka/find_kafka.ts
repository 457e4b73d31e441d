/** A Kafka without asking: one that is there, one from Docker, or one from its own jars. */
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { readVariable } from "../common/environment.ts";
import { ProgramError } from "../common/errors.ts";
import { connectKafka } from "../common/kafka/client.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import type { Broker } from "./broker.ts";
import { ensureJars } from "./jars.ts";
import { findJava } from "./java.ts";
import { type LastingPlan, startLastingBroker, untilOrphanHasEnded } from "./lasting.ts";
import { portAnswers } from "./ports.ts";
import { kafkaAnswers } from "./readiness.ts";
import { startTemporaryBroker } from "./temporary.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const USUAL_PORT = 9092;
/** Where all programs look for Kafka if KAFKA_BROKERS does not say. */
export const USUAL_BROKERS = `localhost:${USUAL_PORT}`;

export interface FoundKafka {
  brokers: string;
  /** One line: where it comes from. */
  origin: string;
  /** Whether stop() deletes all that is in it. */
  isTemporary: boolean;
  /** The broker from the jars, if there is one: its owner may start it again when it has ended. */
  broker?: Broker;
  /** Ends what was started for this; the data of a temporary one go with it. A Kafka that was there stays. */
  stop(): Promise<void>;
}

export interface FindOptions {
  /** Where KAFKA_BROKERS and its like are read: the process's own variables if not given. */
  env?: NodeJS.ProcessEnv;
  /** Ends the search. The promise then rejects, when nothing that was started is left. */
  signal?: AbortSignal;
  /** Gets a line before anything that takes more than a moment. */
  tell?: (line: string) => void;
  /** How a Kafka from the jars is to last. Without this it is temporary, and on a free port. */
  lasting?: LastingPlan;
}

/**
 * Tries KAFKA_BROKERS, localhost:9092, Docker Compose, the jars. Throws ProgramError when none gives a Kafka.
 */
export async function findKafka(options: FindOptions = {}): Promise<FoundKafka> {
  const { env = process.env, signal = new AbortController().signal, tell = () => {}, lasting } = options;
  const named = readVariable(env, "KAFKA_BROKERS");
  if (named !== undefined) {
    // With its passwords and certificates, which kafkaAnswers() knows nothing of.
    const kafka = await connectKafka(readKafkaSettings(env), "find-kafka");
    await kafka.close();
    return { brokers: named, origin: `KAFKA_BROKERS=${named}`, isTemporary: false, stop: async () => {} };
  }
  if (lasting !== undefined) await untilOrphanHasEnded(lasting.dataDir, { signal, tell });
  const port = lasting?.port ?? USUAL_PORT;
  for (const brokers of new Set([USUAL_BROKERS, `localhost:${port}`])) {
    if (!(await kafkaAnswers(brokers))) continue;
    const origin = `the Kafka that runs on ${brokers}`;
    return { brokers, origin, isTemporary: false, stop: async () => {} };
  }
  const isTaken = await portAnswers(port);
  signal.throwIfAborted();
  // The container's port is the usual one.
  const suitsDocker = port === USUAL_PORT && !isTaken;
  if (suitsDocker && (await dockerEngineAnswers())) return await fromDocker(signal, tell);
  // Before the jars, so that nothing is downloaded for a Java that is missing.
  await findJava();
  await ensureJars(tell);
  tell("Starting a Kafka of its own from the jars");
  if (lasting === undefined) return await startTemporary(signal, isTaken);
  const broker = await startLastingBroker(lasting, { signal, tell });
  const { brokers } = broker;
  const origin = `its own jars, on ${brokers}`;
  return { brokers, origin, isTemporary: false, broker, stop: () => broker.stop() };
}

/** Whether there is a Docker engine, and not only its client. */
export async function dockerEngineAnswers(): Promise<boolean> {
  const { exitCode } = await execa("docker", ["info"], { reject: false, stdio: "ignore", timeout: 5000 });
  return exitCode === 0;
}

async function fromDocker(signal: AbortSignal, tell: (line: string) => void): Promise<FoundKafka> {
  tell("Starting Kafka with docker compose up -d (the first time it fetches the image)");
  const options = { cwd: ROOT, reject: false, all: true } as const;
  const stop = async () => void (await execa("docker", ["compose", "down"], options));
  const up = ["compose", "up", "-d", "--wait"];
  const result = await execa("docker", up, { ...options, cancelSignal: signal });
  if (!result.failed) return { brokers: USUAL_BROKERS, origin: "docker compose", isTemporary: false, stop };
  await stop();
  signal.throwIfAborted();
  const reason = stripVTControlCharacters(result.all ?? "")
    .trim()
    .split("\n")
    .at(-1);
  throw new ProgramError(`docker compose up failed: ${reason}`, { cause: result, kind: "docker_failed" });
}

async function startTemporary(signal: AbortSignal, isTaken: boolean): Promise<FoundKafka> {
  const { broker, close } = await startTemporaryBroker({ signal });
  const why = isTaken ? ` (port ${USUAL_PORT} is taken by something that is not Kafka)` : "";
  const origin = `its own jars, on ${broker.brokers}${why}`;
  return { brokers: broker.brokers, origin, isTemporary: true, broker, stop: close };
}
