/** Three brokers, each partition on all of them: one may die at any time, the one that coordinates the workers too. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../kafka/ports.ts";
import { startTemporaryBroker, type TemporaryBroker } from "../../kafka/temporary.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { ownsPartitions, TASK_DONE } from "../../lab/harness/lines.ts";
import { storedIds } from "../support/kafka_state.ts";

const OUTAGE_LINE = "Kafka is not reachable, retrying";
const TASKS = 2000;

let folder: string;
let nodes: TemporaryBroker[];
let sandbox: KafkaSandbox;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "iris-cluster-"));
  nodes = await startCluster([await freePort(), await freePort(), await freePort()]);
  sandbox = await openSandbox(nodes.map(({ broker }) => broker.brokers).join(","));
});
afterEach(async () => {
  await sandbox.close();
  await Promise.all(nodes.map((node) => node.close()));
  rmSync(folder, { recursive: true, maxRetries: 20 });
});

function startCluster(ports: number[]): Promise<TemporaryBroker[]> {
  const properties = {
    "controller.quorum.voters": ports.map((port, index) => `${index + 1}@localhost:${port + 1}`).join(","),
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
  };
  const start = (port: number, index: number) =>
    startTemporaryBroker({ port, properties: { ...properties, "node.id": `${index + 1}` } });
  return Promise.all(ports.map(start));
}

test(`the group's coordinator is killed with -9 under ${TASKS} tasks: none lost, none stored twice`, async ({
  annotate,
}) => {
  const db = join(folder, "predictions.db");
  const options = { env: { KAFKA_REPLICATION_FACTOR: "3" } };
  const setup = await sandbox.run("5_task_queue/kafka_setup.ts", [], options);
  expect(setup.exitCode).toBe(0);
  const { topics } = await sandbox.admin.fetchTopicMetadata({ topics: [sandbox.topic("tasks")] });
  expect(topics[0]?.partitions.map(({ replicas }) => replicas.length)).toEqual(Array(12).fill(3));

  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db], options);
  const start = (name: string) =>
    sandbox.start("5_task_queue/worker.ts", ["--name", name, "--inference-time", "0.01"], options);
  const workers = [start("worker-1"), start("worker-2")];
  await Promise.all([ownsPartitions(persister, 1), ...workers.map((worker) => ownsPartitions(worker, 6))]);
  const client = sandbox.start(
    "5_task_queue/client.ts",
    ["--samples", `${TASKS}`, "--timeout", "150"],
    options,
  );
  const done = () =>
    workers.flatMap(({ lines }) => lines.filter(({ text }) => TASK_DONE.test(text)).map(({ at }) => at));
  const coordinator = await coordinatorOf(`${sandbox.prefix}task_consumer_group`);
  while (done().length < TASKS / 4) await sleep(20);
  const killedAt = performance.now();
  await nodes[coordinator - 1]?.broker.kill9();

  const answered = await client.exited;
  expect(answered).toMatchObject({ exitCode: 0 });
  expect(answered.stdout).toMatch(new RegExp(`^${TASKS} of ${TASKS} answered in `));
  const times = done().sort((a, b) => a - b);
  const pauses = times.slice(1).map((at, index) => (at - (times[index] ?? at)) / 1000);
  const longest = Math.max(...pauses);
  const before = times.filter((at) => at < killedAt).length;
  await annotate(
    `coordinator (broker ${coordinator}) killed after ${before} tasks; longest pause ${longest.toFixed(1)} s`,
  );
  expect(before).toBeLessThan(TASKS);
  expect(longest).toBeLessThan(15);

  const tasks = (await sandbox.readAll("tasks")).map(
    ({ value }) => JSON.parse(value ?? "").task_id as string,
  );
  const ids = [...new Set(tasks)].sort();
  expect(ids).toHaveLength(TASKS);
  while (storedIds(db).length < TASKS) await sleep(50);
  expect(storedIds(db)).toEqual(ids);
  const results = (await sandbox.readAll("results")).length;
  await annotate(`${tasks.length - TASKS} tasks sent twice, ${results - TASKS} answered twice`);

  for (const program of [client, persister, ...workers]) {
    const errors = program.lines.filter(({ from }) => from === "stderr").map(({ text }) => text);
    expect([[], [OUTAGE_LINE], [OUTAGE_LINE, "Kafka is reachable again"]]).toContainEqual(errors);
  }
});

/** The broker that leads the partition of __consumer_offsets in which Kafka keeps this group: Java's hash of its name. */
async function coordinatorOf(group: string): Promise<number> {
  const { topics } = await sandbox.admin.fetchTopicMetadata({ topics: ["__consumer_offsets"] });
  const partitions = topics[0]?.partitions ?? [];
  const hash = [...group].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 0);
  const mine = (hash & 0x7fffffff) % partitions.length;
  return partitions.find(({ partitionId }) => partitionId === mine)?.leader ?? 0;
}
