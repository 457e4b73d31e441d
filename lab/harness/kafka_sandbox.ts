/** A part of a Kafka for one test file: topics and groups under a prefix of its own, deleted at the end. */
import { randomUUID } from "node:crypto";
import { type Admin, type EachMessagePayload, Kafka, logLevel, Partitioners, type Producer } from "kafkajs";
import { fixKafkajs } from "../../common/kafka/kafkajs_fixes.ts";
import { newPrefix } from "./leftovers.ts";
import type { Kind } from "./owner.ts";
import { type Exit, type Program, run, type StartOptions, start } from "./programs.ts";

/** Without the prefix. The last two are the application's. */
export type TopicName = "tasks" | "results" | "tasks-dlt" | "task-events" | "idempotency-keys";

export interface KafkaSandbox {
  prefix: string;
  /** For the programs under test. */
  env: Record<string, string>;
  kafka: Kafka;
  admin: Admin;
  /** The topic's full name. */
  topic(name: TopicName): string;
  /** Starts a program on this sandbox; it is killed by close() if it still runs. */
  start(file: string, args?: string[], options?: StartOptions): Program;
  run(file: string, args?: string[], options?: StartOptions): Promise<Exit>;
  /** Sends raw messages. */
  send(name: Exclude<TopicName, "tasks-dlt">, messages: readonly (RawValue | RawMessage)[]): Promise<void>;
  /** All messages of a topic, from the first to those that are there now. */
  readAll(name: TopicName): Promise<SeenMessage[]>;
  /** What is to be done by close() when the programs have ended, such as deleting their files. */
  atClose(work: () => void): void;
  /** Ends the programs and deletes topics and groups. */
  close(): Promise<void>;
}

type RawValue = string | Buffer | null;
export interface RawMessage {
  key: string;
  value: RawValue;
  /** Milliseconds since 1970; now if not given. */
  timestamp?: string;
}

export interface SeenMessage {
  partition: number;
  offset: string;
  /** When it was sent, milliseconds since 1970. */
  timestamp: number;
  value: string | null;
  headers: Record<string, string>;
}

/** Opens a sandbox on the cluster at `brokers`. It makes no topic. */
export async function openSandbox(brokers: string, kind: Kind = "test"): Promise<KafkaSandbox> {
  const prefix = newPrefix(kind);
  const env = { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix };
  fixKafkajs();
  const kafka = new Kafka({
    clientId: kind,
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 100 },
  });
  const admin = kafka.admin();
  await admin.connect();
  const programs: Program[] = [];
  const atClose: (() => void)[] = [];
  let producer: Producer | undefined;
  const withEnv = (options: StartOptions = {}) => ({ ...options, env: { ...env, ...options.env } });
  const topic: KafkaSandbox["topic"] = (name) => prefix + name;

  async function readAll(name: TopicName): Promise<SeenMessage[]> {
    const ends = await admin.fetchTopicOffsets(topic(name));
    const expected = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    const seen: SeenMessage[] = [];
    if (expected === 0) return seen;
    const groupId = `${prefix}reader-${randomUUID()}`;
    const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic(name)], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ partition, message }: EachMessagePayload) => {
        const headers = Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)]);
        const value = message.value?.toString() ?? null;
        const { offset } = message;
        const timestamp = Number(message.timestamp);
        seen.push({ partition, offset, timestamp, value, headers: Object.fromEntries(headers) });
        if (seen.length === expected) resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    await admin.deleteGroups([groupId]);
    return seen;
  }

  return {
    prefix,
    env,
    kafka,
    admin,
    topic,
    readAll,
    start(file, args, options) {
      const program = start(file, args, withEnv(options));
      programs.push(program);
      return program;
    },
    run: (file, args, options) => run(file, args, withEnv(options)),
    async send(name, messages) {
      if (producer === undefined) {
        producer = kafka.producer({
          createPartitioner: Partitioners.DefaultPartitioner,
          allowAutoTopicCreation: false,
        });
        await producer.connect();
      }
      const isWhole = (message: RawValue | RawMessage): message is RawMessage =>
        typeof message === "object" && message !== null && "key" in message;
      await producer.send({
        topic: topic(name),
        messages: messages.map((message) => (isWhole(message) ? message : { value: message })),
      });
    },
    atClose: (work) => atClose.push(work),
    async close() {
      await Promise.all(programs.map((program) => program.kill()));
      for (const work of atClose.splice(0)) work();
      await producer?.disconnect();
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
      if (topics.length > 0) await admin.deleteTopics({ topics });
      // The killed members' groups cannot be deleted before their session ends, and go with their topics in
      // time.
      await admin.disconnect();
    },
  };
}
