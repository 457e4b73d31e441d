/**
 * What the tests of the Kafka stages share: tasks with ids, waiting for events, a look into Kafka's and
 * SQLite's books.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { isOutage } from "../../common/kafka/errors.ts";
import { sampleMeasurements } from "../../common/samples.ts";
import { openDatabase } from "../../common/sqlite.ts";
import type { KafkaSandbox } from "../../lab/harness/kafka_sandbox.ts";
import type { Line, Program } from "../../lab/harness/programs.ts";

export interface TestTask {
  id: string;
  /** As it goes to `tasks`. */
  value: string;
}

/** Flowers of the data set as stage 5's tasks, each with an id of its own. */
export function makeTasks(count: number): TestTask[] {
  return sampleMeasurements(count).map((X) => {
    const id = randomUUID();
    return { id, value: JSON.stringify({ task_id: id, X }) };
  });
}

/** Waits for an event that nobody announces, such as a commit: looks until it has come. */
export async function eventually(hasCome: () => Promise<boolean>): Promise<void> {
  while (!(await hasCome())) await sleep(20);
}

/** A partition that was made just now may not have its leader yet; Kafka is asked again then. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isOutage(error)) throw error;
      await sleep(20);
    }
  }
}

/** The first line that matches of those which are printed from now on. */
export function waitForNew(program: Program, pattern: RegExp): Promise<Line> {
  const known = program.lines.length;
  let index = 0;
  return program.waitForLine(
    (text) => index++ >= known && pattern.test(text),
    `new, that matches ${pattern}`,
  );
}

/** What a worker of stage 5 owned last. */
export function partitionsOf(worker: Program): number[] {
  const last = worker.lines.findLast(({ text }) => text.startsWith("Partitions of tasks: "));
  return (last?.text.replace(/\(.*/, "").match(/\d+/g) ?? []).map(Number);
}

/** How many messages the group has committed, in these partitions or in all. */
export async function countCommitted(
  { admin, prefix, topic }: KafkaSandbox,
  group: "task_consumer_group" | "persister_group",
  partitions?: number[],
): Promise<number> {
  const name = topic(group === "persister_group" ? "results" : "tasks");
  const [offsets] = await patiently(() => admin.fetchOffsets({ groupId: prefix + group, topics: [name] }));
  return (offsets?.partitions ?? [])
    .filter(({ partition }) => partitions?.includes(partition) ?? true)
    .reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

/** How many messages the topic has been sent. */
export async function countMessages(
  { admin, topic }: KafkaSandbox,
  name: "tasks" | "results",
): Promise<number> {
  const ends = await patiently(() => admin.fetchTopicOffsets(topic(name)));
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}

/** The task_id of every row, sorted. */
export function storedIds(db: string): (string | null)[] {
  const database = openDatabase(db, { readOnly: true });
  try {
    const rows = database.prepare("SELECT task_id FROM iris_prediction ORDER BY task_id").all();
    return (rows as { task_id: string | null }[]).map(({ task_id }) => task_id);
  } finally {
    database.close();
  }
}

/** How many members the worker group has, those included that wait for their share. */
export async function countMembers({ admin, prefix }: KafkaSandbox): Promise<number> {
  const { groups } = await admin.describeGroups([`${prefix}task_consumer_group`]);
  return groups[0]?.members.length ?? 0;
}

/**
 * For a time that the project promises. Others may use the machine meanwhile, so half as much again is let
 * pass.
 */
export function expectWithin(promised: number, from: number, to: number): string {
  const seconds = (to - from) / 1000;
  expect(seconds).toBeLessThan(promised * 1.5);
  return `${seconds.toFixed(2)} s (promised: ${promised} s)`;
}

/** The groups of clients that are still there; each client has one of its own. */
export async function clientGroups({ admin, prefix }: KafkaSandbox): Promise<string[]> {
  const { groups } = await admin.listGroups();
  return groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(`${prefix}iris_client_`));
}
