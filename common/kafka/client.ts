/**
 * The way to Kafka: a connection that outlasts an outage, and a first contact that does not wait for
 * ever.
 */
import { type Admin, Kafka, logLevel, type RetryOptions } from "kafkajs";
import { installBatchReader } from "./batch_reader.ts";
import type { ConsumePlan, RunningConsumer } from "./consume_plan.ts";
import { consume } from "./consumer.ts";
import { isOutage } from "./errors.ts";
import { explainNoKafka } from "./first_contact.ts";
import { fixKafkajs } from "./kafkajs_fixes.ts";
import { ConnectionLog, type Say } from "./log.ts";
import { connectProducer, type Producer, type ProducerOptions } from "./producer.ts";
import type { KafkaSettings } from "./settings.ts";
import { type Sockets, watchSockets } from "./sockets.ts";
import { type GroupNames, groupNames, type TopicNames, topicNames } from "./topics.ts";

/** Through outages of a minute no send failed with these; with kafkajs' defaults 96 of 158 did. */
const PATIENT: RetryOptions = { initialRetryTime: 200, maxRetryTime: 1000, retries: 1000 };
const IMPATIENT: RetryOptions = { initialRetryTime: 100, maxRetryTime: 300, retries: 2 };
const CONTACT_LIMIT_MS = 3500;
const CONTACT_LOOK_MS = 100;
/** A minute of outage, with a try every 200 ms. */
const TRIES = 300;

export interface KafkaConnection {
  settings: KafkaSettings;
  topics: TopicNames;
  groups: GroupNames;
  /** Asks the cluster, again and again through an outage, at most so many times. */
  ask<T>(question: (admin: Admin) => Promise<T>, tries?: number): Promise<T>;
  /** A producer that is connected. */
  producer(options?: ProducerOptions): Promise<Producer>;
  /** Joins a consumer group; returns at once. */
  consume(plan: ConsumePlan): RunningConsumer;
  /** Disconnects, producers included. Stop the consumers before. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Where lines about the connection go. */
  say?: Say;
  /** Shows all that kafkajs logs. */
  verbose?: boolean;
}

/**
 * Connects, when a broker has answered. `clientId` is the name that the group's membership shows.
 * Throws KafkaError with one line after at most 3.5 s: with the patience of what follows, a wrong
 * address would be tried for ever.
 */
export async function connectKafka(
  settings: KafkaSettings,
  clientId: string,
  { say = console.error, verbose = false }: ConnectOptions = {},
): Promise<KafkaConnection> {
  fixKafkajs();
  installBatchReader();
  const log = new ConnectionLog(say, verbose);
  const sockets = watchSockets();
  const create = (retry: RetryOptions, level: logLevel, requestTimeout = 30_000) =>
    new Kafka({
      clientId,
      brokers: settings.brokers,
      ssl: settings.ssl,
      ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
      socketFactory: sockets.create,
      connectionTimeout: 3000,
      requestTimeout,
      logCreator: log.creator,
      logLevel: level,
      retry,
    });
  // Without a log: what goes wrong here is told once, by its error.
  const admin = create(IMPATIENT, logLevel.NOTHING).admin();
  await contact(admin, settings, sockets);
  const kafka = create(PATIENT, logLevel.WARN);

  /** kafkajs does not repeat connect() and requests of the admin when a broker is away or moving. */
  async function throughOutages<T>(attempt: () => Promise<T>, tries = TRIES): Promise<T> {
    for (let left = tries; ; left -= 1) {
      try {
        const answer = await attempt();
        log.success();
        return answer;
      } catch (error) {
        if (left <= 1 || !isOutage(error)) throw error;
        log.notice((error as Error).message); // The admin keeps no log.
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  const producers: Producer[] = [];
  return {
    settings,
    topics: topicNames(settings.prefix),
    groups: groupNames(settings.prefix),
    ask: (question, tries) => throughOutages(() => question(admin), tries),
    async producer(options = {}) {
      const { giveUpAfterMs } = options;
      // A broker that is silent for so long holds up all who come behind.
      const sender = giveUpAfterMs === undefined ? kafka : create(PATIENT, logLevel.WARN, giveUpAfterMs);
      const producer = await connectProducer(sender, throughOutages, () => log.success(), options);
      producers.push(producer);
      return producer;
    },
    consume: (plan) => consume(kafka, log, throughOutages, plan),
    async close() {
      await Promise.all(producers.map((producer) => producer.disconnect()));
      await admin.disconnect();
    },
  };
}

/** Resolves when a broker has answered a question. Throws KafkaError, after 3.5 s at most. */
async function contact(admin: Admin, settings: KafkaSettings, sockets: Sockets): Promise<void> {
  // A port that accepts and stays silent "connects", so a question has to be answered too.
  const answer = admin.connect().then(() => admin.describeCluster());
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((_, reject) => {
    // Only the time in which an answer could have been read counts: a program may load its modules meanwhile,
    // which on a busy machine takes longer than the limit, and then the answer waits for the program.
    let left = CONTACT_LIMIT_MS / CONTACT_LOOK_MS;
    timer = setInterval(() => {
      left -= 1;
      if (left <= 0) reject(new Error("no answer in time"));
    }, CONTACT_LOOK_MS);
  });
  try {
    await Promise.race([answer, limit]);
  } catch (error) {
    answer.catch(() => {}); // Lost the race; its error has been told.
    const advertised = sockets.unreached().find((address) => !settings.brokers.includes(address));
    void admin.disconnect().catch(() => {}); // Not waited for: a silent port would keep us here.
    throw await explainNoKafka(error, settings, advertised);
  } finally {
    clearInterval(timer);
  }
}
