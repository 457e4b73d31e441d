/** Workers that come, go and die in the middle of a task. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../lab/harness/lines.ts";
import {
  countCommitted,
  countMembers,
  countMessages,
  eventually,
  expectWithin,
  makeTasks,
  partitionsOf,
  storedIds,
  type TestTask,
  waitForNew,
} from "../tests/support/kafka_state.ts";

const TASK_LINE = /, partition \d+, \d+ ms$/;

let sandbox: KafkaSandbox;
let folder: string;
let db: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "iris-worker-"));
  db = join(folder, "predictions.db");
  sandbox = await openSandbox(inject("kafkaBrokers"));
  await sandbox.run("5_task_queue/kafka_setup.ts");
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

function startWorker(name: string, ...args: string[]) {
  return sandbox.start("5_task_queue/worker.ts", ["--name", name, ...args]);
}

/** In portions that fit into one request, however few partitions they go to. */
async function sendTasks(tasks: TestTask[]): Promise<void> {
  const values = tasks.map(({ value }) => value);
  for (let from = 0; from < values.length; from += 4000)
    await sandbox.send("tasks", values.slice(from, from + 4000));
}
const idsOf = (tasks: TestTask[]) => tasks.map(({ id }) => id).sort();

interface SeenResult {
  task_id: string;
  worker: string;
  started_at: number;
  duration_ms: number;
}
const readResults = async (): Promise<SeenResult[]> =>
  (await sandbox.readAll("results")).map(({ value }) => JSON.parse(value ?? ""));

test("kill -9 in the middle of a task: another takes over; each of 100 tasks is answered and stored once", async ({
  annotate,
}) => {
  const victim = startWorker("victim", "--inference-time", "3");
  const survivor = startWorker("survivor", "--inference-time", "0.02");
  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db]);
  await Promise.all([ownsPartitions(victim, 6), ownsPartitions(survivor, 6), ownsPartitions(persister, 1)]);
  const tasks = makeTasks(100);
  await sendTasks(tasks);

  // One task is answered and committed, so the next one is in hand.
  await victim.waitFor(TASK_LINE);
  const victims = partitionsOf(victim);
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group", victims)) === 1);
  const killed = performance.now();
  await victim.kill();
  const takenOver = await waitForNew(survivor, /\(12\)$/);
  const redone = await waitForNew(survivor, TASK_LINE);
  await annotate(`partitions taken over after ${expectWithin(7, killed, takenOver.at)}`);
  await annotate(`next answer after ${expectWithin(7, killed, redone.at)}`);

  await eventually(async () => (await countCommitted(sandbox, "persister_group")) === 100);
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === 100);
  expect(storedIds(db)).toEqual(idsOf(tasks));
  // A hundred results, not one more: no task was done again whose answer had been sent.
  const results = await readResults();
  expect(results.map(({ task_id }) => task_id).sort()).toEqual(idsOf(tasks));
  expect(results.filter(({ worker }) => worker === "victim")).toHaveLength(1);
});

test("kill -9 while answers go out two hundred at a time: none lost, none stored twice", async ({
  annotate,
}) => {
  const TASKS = 40_000;
  const tasks = makeTasks(TASKS);
  await sendTasks(tasks);
  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db]);
  await ownsPartitions(persister, 1);
  const victim = startWorker("victim", "--quiet");
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) > 2000);
  await victim.kill();
  const committed = await countCommitted(sandbox, "task_consumer_group");

  startWorker("survivor", "--quiet");
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === TASKS);
  const results = await countMessages(sandbox, "results");
  const answered = (await readResults()).filter(({ worker }) => worker === "victim").length;
  expect(answered).toBeLessThan(TASKS);
  await annotate(`killed after ${answered} answers; ${results - TASKS} tasks were answered twice`);
  // What was committed is not done again.
  expect(results - TASKS).toBeLessThanOrEqual(answered - committed);
  await eventually(async () => (await countCommitted(sandbox, "persister_group")) === results);
  expect(storedIds(db)).toEqual(idsOf(tasks));
});

test.skipIf(process.platform === "win32").for(["SIGTERM", "SIGINT"] as const)(
  "%s in the middle of a task: it is finished and committed, exit 0, and the others own its partitions",
  async (signal, { annotate }) => {
    const leaver = startWorker("leaver", "--inference-time", "2");
    const others = [startWorker("other-1"), startWorker("other-2")];
    await Promise.all([leaver, ...others].map((worker) => ownsPartitions(worker, 4)));
    const tasks = makeTasks(24);
    await sendTasks(tasks);

    await leaver.waitFor(TASK_LINE);
    await sleep(500); // Well into its second task; no line says so.
    const signalled = { at: performance.now(), clock: Date.now() };
    const share = others.map((worker) => waitForNew(worker, /\(6\)$/));
    expect(await leaver.stop(signal)).toMatchObject({ exitCode: 0, stderr: "" });
    const exit = expectWithin(2 + 2, signalled.at, performance.now());
    const finished = leaver.lines.filter(({ text }) => TASK_LINE.test(text));
    expect(finished).toHaveLength(2);
    const taken = await Promise.all(share);
    const handOver = expectWithin(2, finished[1]?.at ?? 0, Math.max(...taken.map(({ at }) => at)));
    await annotate(`exit after ${exit}, partitions handed over after ${handOver}`);

    await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === 24);
    const results = await readResults();
    expect(results.map(({ task_id }) => task_id).sort()).toEqual(idsOf(tasks));
    const [, inHand] = results.filter(({ worker }) => worker === "leaver");
    expect(inHand?.started_at).toBeLessThan(signalled.clock);
    expect((inHand?.started_at ?? 0) + (inHand?.duration_ms ?? 0)).toBeGreaterThan(signalled.clock);
  },
);

test("workers that join share with one that is busy, after its task in hand; three have four partitions each", async ({
  annotate,
}) => {
  const first = startWorker("first", "--inference-time", "3");
  await ownsPartitions(first, 12);
  const tasks = makeTasks(36);
  await sendTasks(tasks);
  await first.waitFor(TASK_LINE);

  const second = startWorker("second", "--inference-time", "3");
  await eventually(async () => (await countMembers(sandbox)) === 2);
  const joined = performance.now();
  const shared = await second.waitForLine((text) => text.endsWith("(6)"), "with six partitions");
  await annotate(`a second worker has its share after ${expectWithin(3 + 1, joined, shared.at)}`);
  // Without a heartbeat before each task the first would do one of each partition before it noticed. It does the
  // task in hand, and one more when that ends within 0.5 s, the time between heartbeats.
  const meanwhile = first.lines.filter(
    ({ text, at }) => TASK_LINE.test(text) && at > joined && at < shared.at,
  );
  expect(meanwhile.length).toBeLessThanOrEqual(2);

  const third = startWorker("third", "--inference-time", "3");
  await Promise.all([first, second, third].map((worker) => ownsPartitions(worker, 4)));
  const all = [first, second, third].flatMap(partitionsOf);
  expect(all.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});
