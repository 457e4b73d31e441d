/** The way to Kafka: a client with retries that outlast an outage, and a first contact that does not wait for ever. */
import { EventEmitter } from "node:events";
import {
  type Admin,
  Kafka,
  type KafkaConfig,
  logLevel,
  Partitioners,
  type Producer,
  type RetryOptions,
} from "kafkajs";
import { exitWith } from "../cli.ts";
import { ProgramError } from "../errors.ts";
import { explainNoKafka, explainNoTopic, isOutage } from "./errors.ts";
import { readableLog, tellOutage } from "./log.ts";
import { type KafkaSettings, readKafkaSettings } from "./settings.ts";

// In an outage kafkajs hangs more than ten listeners on one socket, and Node warns the user of a leak that is none.
EventEmitter.defaultMaxListeners = 100;

export const settings: KafkaSettings = readSettingsOrExit();

/** The topics of stages 4 and 5. */
export const TOPICS = {
  tasks: `${settings.prefix}tasks`,
  results: `${settings.prefix}results`,
  /** Messages of `tasks` that no worker can read. */
  deadLetters: `${settings.prefix}tasks-dlt`,
} as const;

/** Both stages' workers share one group: any worker serves any client. */
export const WORKER_GROUP = `${settings.prefix}task_consumer_group`;

/** Through outages of a minute no send failed with these; with kafkajs' defaults 96 of 158 did. */
const PATIENT: RetryOptions = { initialRetryTime: 200, maxRetryTime: 1000, retries: 1000 };

const CONTACT_LIMIT_MS = 3500;

/** A client whose requests outlast an outage. `clientId` is the name that the group's membership shows. */
export function createKafka(clientId: string): Kafka {
  return newKafka(clientId, { retry: PATIENT, logLevel: logLevel.WARN });
}

function newKafka(clientId: string, how: Pick<KafkaConfig, "retry" | "logLevel">): Kafka {
  return new Kafka({
    clientId,
    brokers: settings.brokers,
    ssl: settings.ssl,
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
    connectionTimeout: 3000,
    logCreator: readableLog,
    ...how,
  });
}

/**
 * The first contact: an admin that has spoken with a broker. With the patience of createKafka() a wrong address would
 * wait for ever, so this one gives up after 3.5 s and throws ProgramError with one line.
 */
export async function contactKafka(clientId: string): Promise<Admin> {
  const retry = { initialRetryTime: 100, maxRetryTime: 300, retries: 2 };
  // Without a log: what goes wrong here is told once, below.
  const admin = newKafka(clientId, { retry, logLevel: logLevel.NOTHING }).admin();
  // A port that accepts and stays silent "connects", so a question has to be answered too.
  const contact = admin.connect().then(() => admin.describeCluster());
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("silence")), CONTACT_LIMIT_MS);
  });
  try {
    await Promise.race([contact, limit]);
    return admin;
  } catch (error) {
    contact.catch(() => {}); // Lost the race; its error has been told.
    throw new ProgramError(await explainNoKafka(error, settings));
  } finally {
    clearTimeout(timer);
  }
}

/** Makes the topics that are missing, with one partition each. Several programs may do so at once. */
export async function ensureTopics(admin: Admin): Promise<void> {
  const existing = await throughOutages(() => admin.listTopics());
  const missing = Object.values(TOPICS).filter((topic) => !existing.includes(topic));
  if (missing.length === 0) return;
  const topics = missing.map((topic) => describeTopic(topic, 1));
  try {
    await throughOutages(() => admin.createTopics({ topics }));
  } catch (error) {
    throw explainNoTopic(error, settings);
  }
}

/** How a topic is made. */
export function describeTopic(topic: string, numPartitions: number) {
  return {
    topic,
    numPartitions,
    replicationFactor: settings.replicationFactor,
    // A dead letter is the original and its headers, and the original may be as large as a topic takes.
    configEntries: topic === TOPICS.deadLetters ? [{ name: "max.message.bytes", value: "2097152" }] : [],
  };
}

/** A producer that is connected. Without keys it spreads messages evenly over the partitions. */
export async function connectProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    // Uses raised partitions within 2 s; by default after up to 5 minutes.
    metadataMaxAge: 2000,
  });
  await throughOutages(() => producer.connect());
  return producer;
}

/** Repeats what failed because a broker was away or moving, which kafkajs does not do for connect() and admin calls. */
export async function throughOutages<T>(attempt: () => Promise<T>, attempts = 300): Promise<T> {
  for (let left = attempts; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !isOutage(error)) throw error;
      tellOutage((error as Error).message); // The admin of the first contact keeps no log.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** These are read when the module is, before any program could catch what they throw. */
function readSettingsOrExit(): KafkaSettings {
  try {
    return readKafkaSettings();
  } catch (error) {
    if (error instanceof ProgramError) exitWith(error.exitCode, error.message);
    throw error;
  }
}
