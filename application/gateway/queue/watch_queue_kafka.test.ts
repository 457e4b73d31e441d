/** What the gateway sees of the workers' group, from a real Kafka and real workers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { connectKafka, type KafkaConnection } from "../../../common/kafka/client.ts";
import { raisePartitions } from "../../../common/kafka/raise_partitions.ts";
import { readKafkaSettings } from "../../../common/kafka/settings.ts";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { startJava } from "../../../tests/support/java.ts";
import { startOwnBroker } from "../../../tests/support/own_broker.ts";
import type { QueueSeen, QueueWatch } from "./queue_watch.ts";
import { watchQueue } from "./watch_queue.ts";

let sandbox: KafkaSandbox;
let kafka: KafkaConnection;
let watch: QueueWatch;
/** What the view was told last. */
let owners: ReadonlyMap<number, string | undefined>;

async function open(on: KafkaSandbox): Promise<void> {
  await on.run("5_task_queue/kafka_setup.ts", ["--partitions", "4"]);
  kafka = await connectKafka(readKafkaSettings(on.env), "watch", { say: () => {} });
  watch = watchQueue(kafka, {
    setOwners: (now) => {
      owners = now;
    },
  });
}

beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(async () => {
  await watch?.close();
  await kafka?.close();
  await sandbox.close();
});

/** Resolves with the first state that is as wanted, this one or a later one. */
function waitFor(isWanted: (seen: QueueSeen) => boolean): Promise<QueueSeen> {
  if (isWanted(watch.seen())) return Promise.resolve(watch.seen());
  return new Promise((resolve) => {
    const end = watch.onChange((seen) => {
      if (!isWanted(seen)) return;
      end();
      resolve(seen);
    });
  });
}
const startWorker = (name: string, ...args: string[]) =>
  sandbox.start("5_task_queue/worker.ts", ["--name", name, ...args]);
const isOwnedBy =
  (...names: string[]) =>
  ({ lanes }: QueueSeen) =>
    lanes.length > 0 &&
    lanes.every(({ owner }) => owner !== undefined && names.includes(owner)) &&
    names.every((name) => lanes.some(({ owner }) => owner === name));

test("workers come, one is killed, one is stopped, partitions are raised", async () => {
  await open(sandbox);
  watch.follow();
  const empty = await watch.look();
  expect(empty).toMatchObject({ kafka: "up", workers: [], rebalances: [], hasHiddenWorkers: false });
  expect(empty.lanes.map(({ committed, end }) => [committed, end])).toEqual(Array(4).fill([0, 0]));
  expect(empty.lanes.every(({ unowned_since }) => unowned_since !== undefined)).toBe(true);

  const a = startWorker("a");
  const alone = await waitFor(isOwnedBy("a"));
  expect([...owners]).toEqual([0, 1, 2, 3].map((partition) => [partition, "a"]));
  expect(alone.workers).toEqual([{ name: "a", partitions: [0, 1, 2, 3], state: "here" }]);
  expect(alone.rebalances).toMatchObject([{ cause: "a has come", partitions: [0, 1, 2, 3] }]);

  const b = startWorker("b", "--inference-time", "3600");
  const shared = await waitFor(isOwnedBy("a", "b"));
  expect(shared.rebalances.at(-1)?.cause).toBe("b has come");
  watch.tell({ name: "b", pid: b.pid, state: "started" });

  // Known at once, while Kafka still lists it.
  await b.kill();
  watch.tell({ name: "b", pid: b.pid, state: "killed" });
  const told = watch.seen();
  const lost = told.lanes.filter(({ owner }) => owner === undefined).map(({ partition }) => partition);
  expect(lost).toHaveLength(2);
  expect(told.workers[1]).toMatchObject({ name: "b", state: "gone", pid: b.pid, partitions: lost });
  const healed = await waitFor(isOwnedBy("a"));
  const killing = healed.rebalances.at(-1);
  expect(killing).toMatchObject({ cause: "b is gone", partitions: lost });
  expect((killing?.ended_at ?? 0) - (killing?.at ?? 0)).toBeGreaterThan(3000);
  expect(healed.workers[1]).not.toHaveProperty("session_ends_at");

  await sandbox.send("tasks", Array(8).fill("6,3,4,1"));
  await waitFor(({ lanes }) => lanes.reduce((sum, { committed }) => sum + committed, 0) === 8);

  await raisePartitions(kafka, sandbox.topic("tasks"), 6);
  const raised = await waitFor((seen) => seen.lanes.length === 6 && isOwnedBy("a")(seen));
  expect(raised.rebalances.at(-1)).toMatchObject({
    cause: expect.stringMatching(/partitions were raised to 6/),
    partitions: expect.arrayContaining([4, 5]),
  });

  await a.stop();
  const left = await waitFor(({ lanes }) => lanes.every(({ owner }) => owner === undefined));
  expect(left.rebalances.at(-1)).toMatchObject({ cause: "a is gone" });
  expect(left.rebalances.at(-1)).not.toHaveProperty("ended_at");
});

test("one that was killed without news of it is gone when its session ends", async () => {
  await open(sandbox);
  const a = startWorker("a");
  await waitFor(isOwnedBy("a"));
  await a.kill();
  const seen = await waitFor(({ workers }) => workers[0]?.state === "gone");
  expect(seen.workers[0]).toMatchObject({ name: "a", gone_at: expect.any(Number) });
  expect(seen.lanes[0]).toHaveProperty("unowned_since");
});

test("the persister is counted, and what it has not stored", async () => {
  await open(sandbox);
  const folder = mkdtempSync(join(tmpdir(), "iris-watch-"));
  try {
    await sandbox.send("results", ["{}", "{}"]);
    await waitFor(({ persisters }) => persisters.waiting === 2 && persisters.members === 0);
    const persister = sandbox.start("5_task_queue/persister.ts", ["--db", join(folder, "p.db")]);
    await waitFor(({ persisters }) => persisters.waiting === 0 && persisters.members === 1);
    await persister.stop();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("members that use the new protocol are not taken for nobody", async () => {
  await open(sandbox);
  await watch.look();
  const group = `${sandbox.prefix}task_consumer_group`;
  const args = [inject("kafkaBrokers"), group, sandbox.topic("tasks")];
  const member = await startJava("NewProtocolConsumer.java", args);
  try {
    const seen = await waitFor(({ hasHiddenWorkers }) => hasHiddenWorkers);
    expect(seen.lanes[0]).toEqual({ partition: 0, committed: 0, end: 0 });
  } finally {
    await member.kill();
  }
});

test("topics that are deleted are named, and found again", async () => {
  await open(sandbox);
  await watch.look();
  await sandbox.admin.deleteTopics({ topics: [sandbox.topic("tasks")] });
  const seen = await waitFor(({ problem }) => problem?.startsWith("1 topic missing") ?? false);
  expect(seen.problem).toContain(`(${sandbox.topic("tasks")}): this makes them again`);
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "2"]);
  await waitFor(({ problem, lanes }) => problem === undefined && lanes.length === 2);
});

test("a Kafka that goes away: the last numbers stay, and it is found again", async () => {
  const own = await startOwnBroker();
  try {
    await open(own.sandbox);
    await own.sandbox.send("tasks", ["6,3,4,1"]);
    const sum = ({ lanes }: QueueSeen) => lanes.reduce((all, { end }) => all + end, 0);
    const before = await waitFor((seen) => sum(seen) === 1);
    await own.broker.kill9();
    const away = await waitFor(({ kafka: state }) => state === "away");
    expect(away.lanes).toEqual(before.lanes);
    expect(away.problem).toMatch(/\S/);
    await own.broker.restart();
    const back = await waitFor(({ kafka: state }) => state === "up");
    expect(sum(back)).toBe(1);
    expect(back).not.toHaveProperty("problem");
    await watch.close();
    await kafka.close();
  } finally {
    await own.close();
  }
});
