/** A corner of a Kafka: topics and groups under a prefix of its own, for one measurement, deleted after it. */
import { setTimeout as sleep } from "node:timers/promises";
import { connectKafka, type KafkaConnection } from "../../../common/kafka/client.ts";
import { readKafkaSettings } from "../../../common/kafka/settings.ts";
import { describeTopic } from "../../../common/kafka/topics.ts";
import { atEnd } from "../../harness/cleanup.ts";
import { newPrefix } from "../../harness/leftovers.ts";
import { type Exit, type Program, run, type StartOptions, start } from "../../harness/programs.ts";

/** Of `tasks`, as 5_task_queue/kafka_setup.ts makes it; `results` has one. */
export const PARTITIONS = 12;

export type TopicName = "tasks" | "results";

export interface StoredMessage {
  value: string;
  /** When it was sent, milliseconds since 1970. */
  sentAt: number;
}

export interface Corner {
  start(file: string, args?: string[]): Program;
  run(file: string, args: string[], options?: StartOptions): Promise<Exit>;
  /** Starts so many workers of a kind, and waits until they share the partitions evenly. */
  startWorkers(file: string, args: string[], count?: number): Promise<Program[]>;
  send(name: TopicName, values: readonly string[]): Promise<void>;
  /** Waits until the topic has so many messages, then reads them all. */
  readAll(name: TopicName, count: number): Promise<StoredMessage[]>;
  /** Consumer groups of this corner whose names go on like this. */
  listGroups(name: string): Promise<string[]>;
  /** Stops the programs, deletes topics and groups. */
  close(): Promise<void>;
}

export async function openCorner(brokers: string): Promise<Corner> {
  const prefix = newPrefix("bench");
  const topics = ["tasks", "results", "tasks-dlt"].map((name) => prefix + name);
  const env = { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: prefix };
  const settings = readKafkaSettings({ ...process.env, ...env });
  // Connections of its own: kafkajs goes on asking for all topics that a connection has met, the deleted ones too.
  const kafka = await connectKafka(settings, "bench");
  const producer = await kafka.producer();
  const programs: Program[] = [];
  let ended: Exit | undefined;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= leaveNothing();
    return closing;
  };
  atEnd(close);

  const isTasks = (topic: string) => topic === `${prefix}tasks`;
  const wanted = topics.map((topic) => describeTopic(settings, topic, isTasks(topic) ? PARTITIONS : 1));
  await kafka.ask((admin) => admin.createTopics({ topics: wanted }));
  // All partitions have to be ready: kafkajs sends again what it sent to twelve when one of them was not.
  for (const topic of topics) await countMessages(kafka, topic);

  const startHere: Corner["start"] = (file, args) => {
    const program = start(file, args, { env });
    programs.push(program);
    void program.exited.then((exit) => {
      ended = exit;
    });
    return program;
  };

  async function listGroups(name: string): Promise<string[]> {
    const { groups } = await kafka.ask((admin) => admin.listGroups());
    return groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix + name));
  }

  async function leaveNothing(): Promise<void> {
    await Promise.all(programs.map((program) => program.stop()));
    for (const groupId of await listGroups("")) await deleteGroup(kafka, groupId);
    await kafka.ask((admin) => admin.deleteTopics({ topics }));
    await Promise.all([kafka.close(), producer.disconnect()]);
  }

  return {
    start: startHere,
    run: (file, args, options) => run(file, args, { ...options, env }),
    async startWorkers(file, args, count = 1) {
      const workers = Array.from({ length: count }, () => startHere(file, args));
      const share = new RegExp(`^Partitions of tasks: .*\\(${PARTITIONS / count}\\)$`);
      await Promise.all(workers.map((worker) => worker.waitFor(share)));
      return workers;
    },
    async send(name, values) {
      const messages = values.map((value) => ({ value }));
      await producer.send(prefix + name, messages);
    },
    async readAll(name, count) {
      while ((await countMessages(kafka, prefix + name)) < count) {
        if (ended !== undefined) throw new Error(`A program ended early: ${JSON.stringify(ended)}`);
        await sleep(50);
      }
      const read = new Map<string, StoredMessage>();
      const total = await countMessages(kafka, prefix + name);
      let done = () => {};
      const allRead = new Promise<void>((resolve) => {
        done = resolve;
      });
      const consumer = kafka.consume({
        groupId: `${prefix}reader`,
        topic: prefix + name,
        fromBeginning: true,
        eachBatch: async ({ messages, resolve }) => {
          for (const { partition, offset, value, timestamp } of messages) {
            // A consumer that joins anew begins at the beginning again.
            read.set(`${partition} ${offset}`, { value: String(value), sentAt: Number(timestamp) });
            resolve(offset);
          }
          if (read.size >= total) done();
        },
      });
      await Promise.race([allRead, consumer.finished]);
      await consumer.stop();
      return [...read.values()];
    },
    listGroups,
    close,
  };
}

async function countMessages({ ask }: KafkaConnection, topic: string): Promise<number> {
  const ends = await ask((admin) => admin.fetchTopicOffsets(topic));
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}

/** The group of a member that could not leave is deleted when its session has ended. */
async function deleteGroup({ ask }: KafkaConnection, groupId: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const [result] = await ask((admin) => admin.deleteGroups([groupId]), 1).catch(
      (error) => error.groups ?? [],
    );
    if (result?.errorCode === 0) return;
    if (attempt === 100) throw new Error(`The group ${groupId} stays behind (${result?.error?.message})`);
    await sleep(200);
  }
}
