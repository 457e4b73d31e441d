/** A corner of a Kafka: topics and groups under a prefix of its own, for one measurement, deleted after it. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Admin, EachBatchPayload } from "kafkajs";
import {
  connectProducer,
  contactKafka,
  createKafka,
  describeTopic,
  throughOutages,
} from "../../../common/kafka/client.ts";
import { atEnd } from "../../harness/cleanup.ts";
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

export async function openCorner(): Promise<Corner> {
  const prefix = `bench-${randomUUID().slice(0, 8)}-`;
  const topics = ["tasks", "results", "tasks-dlt"].map((name) => prefix + name);
  const kafka = createKafka("bench");
  // Connections of its own: kafkajs goes on asking for all topics that a connection has met, the deleted ones too.
  const admin = await contactKafka("bench");
  const producer = await connectProducer(kafka);
  const programs: Program[] = [];
  let ended: Exit | undefined;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= leaveNothing();
    return closing;
  };
  atEnd(close);

  const isTasks = (topic: string) => topic === `${prefix}tasks`;
  const wanted = topics.map((topic) => describeTopic(topic, isTasks(topic) ? PARTITIONS : 1));
  await throughOutages(() => admin.createTopics({ topics: wanted }));
  // All partitions have to be ready: kafkajs sends again what it sent to twelve when one of them was not.
  for (const topic of topics) await countMessages(admin, topic);

  const startHere: Corner["start"] = (file, args) => {
    const program = start(file, args, { env: { KAFKA_TOPIC_PREFIX: prefix } });
    programs.push(program);
    void program.exited.then((exit) => {
      ended = exit;
    });
    return program;
  };

  async function listGroups(name: string): Promise<string[]> {
    const { groups } = await admin.listGroups();
    return groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix + name));
  }

  async function leaveNothing(): Promise<void> {
    await Promise.all(programs.map((program) => program.stop()));
    for (const groupId of await listGroups("")) await deleteGroup(admin, groupId);
    await admin.deleteTopics({ topics });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }

  return {
    start: startHere,
    run: (file, args, options) => run(file, args, { ...options, env: { KAFKA_TOPIC_PREFIX: prefix } }),
    async startWorkers(file, args, count = 1) {
      const workers = Array.from({ length: count }, () => startHere(file, args));
      const share = new RegExp(`^My partitions: .*\\(${PARTITIONS / count}\\)$`);
      await Promise.all(workers.map((worker) => worker.waitFor(share)));
      return workers;
    },
    async send(name, values) {
      // A batch of one partition may have 1 MB.
      for (let from = 0; from < values.length; from += 1000) {
        const messages = values.slice(from, from + 1000).map((value) => ({ value }));
        await producer.send({ topic: prefix + name, messages });
      }
    },
    async readAll(name, count) {
      while ((await countMessages(admin, prefix + name)) < count) {
        if (ended !== undefined) throw new Error(`A program ended early: ${JSON.stringify(ended)}`);
        await sleep(50);
      }
      const consumer = kafka.consumer({ groupId: `${prefix}reader`, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topics: [prefix + name], fromBeginning: true });
      const read = new Map<string, StoredMessage>();
      const total = await countMessages(admin, prefix + name);
      await new Promise<void>((resolve, reject) => {
        const eachBatch = async ({ batch }: EachBatchPayload) => {
          for (const { value, timestamp, offset } of batch.messages) {
            // A consumer that joins anew begins at the beginning again.
            const place = `${batch.partition} ${offset}`;
            read.set(place, { value: String(value), sentAt: Number(timestamp) });
          }
          if (read.size >= total) resolve();
        };
        consumer.run({ autoCommit: false, eachBatch }).catch(reject);
      });
      await consumer.disconnect();
      return [...read.values()];
    },
    listGroups,
    close,
  };
}

async function countMessages(admin: Admin, topic: string): Promise<number> {
  const ends = await throughOutages(() => admin.fetchTopicOffsets(topic));
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}

/** The group of a member that could not leave is deleted when its session has ended. */
async function deleteGroup(admin: Admin, groupId: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const [result] = await admin.deleteGroups([groupId]).catch((error) => error.groups ?? []);
    if (result?.errorCode === 0) return;
    if (attempt === 100) throw new Error(`The group ${groupId} stays behind (${result?.error?.message})`);
    await sleep(200);
  }
}
