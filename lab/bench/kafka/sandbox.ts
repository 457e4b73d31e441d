/** A sandbox for one measurement: topics as stage 5 has them, deleted with everything else after it. */
import { setTimeout as sleep } from "node:timers/promises";
import { connectKafka } from "../../../common/kafka/client.ts";
import { ensureTopics } from "../../../common/kafka/ensure_topics.ts";
import { readKafkaSettings } from "../../../common/kafka/settings.ts";
import { atEnd } from "../../harness/cleanup.ts";
import { openSandbox, type SeenMessage } from "../../harness/kafka_sandbox.ts";
import { removeGroup } from "../../harness/leftovers.ts";
import { PARTITIONS as OWNS } from "../../harness/lines.ts";
import type { Exit, Program, StartOptions } from "../../harness/programs.ts";

/** Of `tasks`, as 5_task_queue/kafka_setup.ts makes it; `results` has one. */
export const PARTITIONS = 12;
/** A batch of a partition may have 1 MB, and a result has some 300 bytes. */
const SEND_AT_ONCE = 2000;

/** What a part gets. */
export interface Bench {
  openSandbox(): Promise<BenchSandbox>;
  /** A Node that runs TypeScript by itself, where there is one. */
  node: string | undefined;
}

export interface BenchSandbox {
  start(file: string, args?: string[], options?: StartOptions): Program;
  run(file: string, args: string[], options?: StartOptions): Promise<Exit>;
  /** Starts so many workers of a kind, and waits until they share the partitions evenly. */
  startWorkers(file: string, args: string[], count?: number): Promise<Program[]>;
  send(name: "tasks" | "results", values: readonly string[]): Promise<void>;
  /** Waits until the topic has so many messages, then reads them all. */
  readAll(name: "tasks" | "results", count: number): Promise<SeenMessage[]>;
  /** Waits until the group of stage 5's workers has committed everything in `tasks`. */
  allCommitted(): Promise<void>;
  /** Consumer groups of this sandbox whose names begin like this. */
  listGroups(name: string): Promise<string[]>;
  /** Stops the programs, deletes topics and groups. */
  close(): Promise<void>;
}

/** Opens topics of its own on the cluster, with the programs that a measurement starts. */
export async function openBenchSandbox(brokers: string): Promise<BenchSandbox> {
  const sandbox = await openSandbox(brokers, "bench");
  const { admin, env, prefix, topic } = sandbox;
  // Connections of its own: kafkajs goes on asking for all topics that a connection has met, also for those
  // that are deleted.
  const kafka = await connectKafka(readKafkaSettings({ ...process.env, ...env }), "bench");
  const programs: Program[] = [];
  let ended: Exit | undefined;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= leaveNothing();
    return closing;
  };
  atEnd(close);
  await ensureTopics(kafka, PARTITIONS);

  const start: BenchSandbox["start"] = (file, args, options) => {
    const program = sandbox.start(file, args, options);
    programs.push(program);
    void program.exited.then((exit) => {
      // A program that was killed was killed by the measurement.
      if (exit.signal !== "SIGKILL") ended = exit;
    });
    return program;
  };

  async function leaveNothing(): Promise<void> {
    await Promise.all(programs.map((program) => program.stop()));
    for (const groupId of await listGroups("")) await removeGroup(kafka, groupId);
    await sandbox.close();
    await kafka.close();
  }

  async function listGroups(name: string): Promise<string[]> {
    const { groups } = await admin.listGroups();
    return groups.map(({ groupId }) => groupId).filter((groupId) => groupId.startsWith(prefix + name));
  }

  async function until(isDone: () => Promise<boolean>): Promise<void> {
    while (!(await isDone())) {
      if (ended !== undefined) throw new Error(`A program ended early: ${ended.stderr}`);
      await sleep(50);
    }
  }

  return {
    start,
    run: (file, args, options) => sandbox.run(file, args, options),
    async startWorkers(file, args, count = 1) {
      const workers = Array.from({ length: count }, () => start(file, args));
      const hasShare = ([, , , owned]: RegExpExecArray) => Number(owned) === PARTITIONS / count;
      await Promise.all(workers.map((worker) => worker.waitForState(OWNS, hasShare)));
      return workers;
    },
    async send(name, values) {
      for (let from = 0; from < values.length; from += SEND_AT_ONCE) {
        await sandbox.send(name, values.slice(from, from + SEND_AT_ONCE));
      }
    },
    async readAll(name, count) {
      await until(async () => sum(await admin.fetchTopicOffsets(topic(name)), "high") >= count);
      return await sandbox.readAll(name);
    },
    async allCommitted() {
      const end = sum(await admin.fetchTopicOffsets(topic("tasks")), "high");
      await until(async () => {
        const [tasks] = await admin.fetchOffsets({ groupId: kafka.groups.workers, topics: [topic("tasks")] });
        return sum(tasks?.partitions ?? [], "offset") === end;
      });
    },
    listGroups,
    close,
  };
}

function sum<Key extends string>(ends: readonly Record<Key, string>[], key: Key): number {
  return ends.reduce((total, { [key]: offset }) => total + Math.max(0, Number(offset)), 0);
}
