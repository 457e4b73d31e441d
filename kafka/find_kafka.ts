/** A Kafka for the demonstrations, without asking: one that is there, one from Docker, or one from its own jars. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { ProgramError } from "../common/errors.ts";
import { atEnd } from "../lab/harness/cleanup.ts";
import { ROOT } from "../lab/harness/programs.ts";
import { startBroker } from "./broker.ts";
import { freePort, portAnswers } from "./ports.ts";
import { kafkaAnswers } from "./readiness.ts";

const USUAL = "localhost:9092";
const THREE_WAYS =
  "Stages 4 and 5 need a Kafka: docker compose up -d (Docker: https://docs.docker.com/get-docker), or npm run kafka (Java 17 or newer: https://adoptium.net, and Maven: https://maven.apache.org), or KAFKA_BROKERS=host:port for one that is there";

export interface FoundKafka {
  brokers: string;
  /** One line: where it comes from. */
  origin: string;
}

/** Looks in this order: KAFKA_BROKERS, localhost:9092, Docker Compose, the jars. Throws ProgramError: none to be had. */
export async function findKafka(): Promise<FoundKafka> {
  const named = process.env.KAFKA_BROKERS;
  if (named) {
    // With its passwords and certificates, which kafkaAnswers() knows nothing of.
    const { connectKafka } = await import("../common/kafka/client.ts");
    const { readKafkaSettings } = await import("../common/kafka/settings.ts");
    const kafka = await connectKafka(readKafkaSettings(process.env), "tour");
    await kafka.close();
    return { brokers: named, origin: `KAFKA_BROKERS=${named}` };
  }
  if (await kafkaAnswers(USUAL)) return { brokers: USUAL, origin: `the Kafka that runs on ${USUAL}` };
  const isTaken = await portAnswers(9092);
  if (!isTaken && (await dockerEngineAnswers())) return fromDocker();
  return fromJars(isTaken);
}

/** Whether there is a Docker engine, and not only its client. */
export async function dockerEngineAnswers(): Promise<boolean> {
  const { exitCode } = await execa("docker", ["info"], { reject: false, stdio: "ignore", timeout: 5000 });
  return exitCode === 0;
}

async function fromDocker(): Promise<FoundKafka> {
  console.log("Starting Kafka with docker compose up -d (the first time it fetches the image)");
  const compose = (...args: string[]) =>
    execa("docker", ["compose", ...args], { cwd: ROOT, reject: false, all: true });
  atEnd(() => compose("down"));
  const { exitCode, all } = await compose("up", "-d", "--wait");
  if (exitCode !== 0) throw new ProgramError(`docker compose up failed: ${all.trim().split("\n").at(-1)}`);
  return { brokers: USUAL, origin: "docker compose" };
}

async function fromJars(isTaken: boolean): Promise<FoundKafka> {
  const dataDir = await mkdtemp(join(tmpdir(), "iris-kafka-"));
  atEnd(() => rm(dataDir, { recursive: true, force: true }));
  try {
    const broker = await startBroker({ port: await freePort(), dataDir });
    atEnd(() => broker.stop());
    const why = isTaken ? " (port 9092 is taken by something that is not Kafka)" : "";
    return { brokers: broker.brokers, origin: `its own jars, on ${broker.brokers}${why}` };
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw new ProgramError(`${error.message}\n${THREE_WAYS}`, { cause: error });
  }
}
