/**
 * Each program of the application is killed while tasks are posted and polled: nothing is lost, nothing
 * differs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseTask } from "../../common/messages.ts";
import { openDatabase } from "../../common/sqlite.ts";
import { freePort } from "../../kafka/ports.ts";
import type { SeenMessage } from "../../lab/harness/kafka_sandbox.ts";
import { GATEWAY_LISTENS, ownsPartitions, PARTITIONS } from "../../lab/harness/lines.ts";
import type { Program } from "../../lab/harness/programs.ts";
import { postAll, untilFinal } from "../support/crowd_of_tasks.ts";
import { eventually } from "../support/kafka_state.ts";
import { type OwnBroker, startOwnBroker } from "../support/own_broker.ts";
import { Polling } from "../support/polling.ts";

/** Posted around each of the five faults. */
const TASKS = 200;

let own: OwnBroker;
let folder: string;
beforeEach(async () => {
  own = await startOwnBroker();
  folder = mkdtempSync(join(tmpdir(), "iris-faults-"));
});
afterEach(async () => {
  await own.close();
  rmSync(folder, { recursive: true });
});

test("kill -9 in turn gateway, worker, persister, broker while 1,000 tasks are posted and polled", async () => {
  const { sandbox, broker } = own;
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const db = join(folder, "predictions.db");
  const view = join(folder, "gateway", "view.db");
  const ofGateway = ["--port", String(port), "--data", join(folder, "gateway"), "--db", db];
  const quick = ["--inference-time", "0.005"];
  const roles = {
    gateway: () => sandbox.start("application/gateway/program.ts", ofGateway),
    worker: () => sandbox.start("application/worker.ts", ["--name", "worker-1", ...quick]),
    persister: () => sandbox.start("application/persister.ts", ["--db", db]),
  };
  const isReady = { gateway: GATEWAY_LISTENS, worker: PARTITIONS, persister: PARTITIONS };
  const running = new Map<string, Program>();
  async function start(role: keyof typeof roles): Promise<void> {
    const program = roles[role]();
    running.set(role, program);
    await program.waitFor(isReady[role]);
  }
  for (const role of ["gateway", "worker", "persister"] as const) await start(role);
  const other = sandbox.start("application/worker.ts", ["--name", "worker-2", ...quick]);
  await ownsPartitions(other, 6);

  const polling = new Polling(url);
  /** `felt`: what the clients must have seen before it is started again. */
  async function killAndStart(role: keyof typeof roles, felt: () => Promise<void>): Promise<void> {
    await running.get(role)?.kill();
    await felt();
    await start(role);
  }
  const isRefused = () => polling.sees(0);
  const isAnswered = () => polling.sees(200, 50);
  const faults: (() => Promise<void>)[] = [
    () => killAndStart("gateway", isRefused),
    () => killAndStart("worker", isAnswered),
    () => killAndStart("persister", isAnswered),
    async () => {
      await broker.kill9();
      await isAnswered(); // What the view knows it tells without Kafka.
      await broker.restart();
    },
    () => killAndStart("gateway", isRefused),
  ];
  const ids: string[] = [];
  for (const [turn, fault] of faults.entries()) {
    let isOver: Promise<void> | undefined;
    const posted = await postAll([url], TASKS, {
      onAccepted: async (count, id) => {
        polling.add(id);
        if (count === TASKS / 4) isOver = fault();
        if (count === TASKS / 2) await sandbox.send("tasks", rubbish(turn));
      },
    });
    ids.push(...posted);
    await isOver;
  }
  const tasks = await Promise.all(ids.map((id) => untilFinal([url], id)));
  await polling.end();
  expect(polling.faults).toEqual([]);
  expect(new Set(tasks.map(({ status }) => status))).toEqual(new Set(["SUCCESS"]));
  expect(new Set(ids).size).toBe(TASKS * faults.length);

  // A task whose 202 was lost with its gateway is one more: in the log, and so in each of the books.
  const { good, bad, withId, failed } = sortOut(await sandbox.readAll("tasks"));
  expect(ids.filter((id) => !good.has(id))).toEqual([]);
  expect(bad.size).toBeGreaterThanOrEqual(faults.length * 2);
  await eventually(async () => count(db, "iris_prediction") === good.size);
  await eventually(async () => count(db, "iris_failure") === withId.size);
  await eventually(async () => count(view, "task WHERE status = 3") === failed.size);
  expect(count(view, "task WHERE status = 2")).toBe(good.size);
  expect(count(view, "task")).toBe(good.size + failed.size);

  // A worker that was killed after it had set a message aside, but before its commit, sets it aside again.
  const letters = await sandbox.readAll("tasks-dlt");
  const origins = letters.map(
    ({ headers }) => `${headers["original-partition"]}@${headers["original-offset"]}`,
  );
  expect(new Set(origins)).toEqual(new Set(bad.keys()));
  expect(count(view, "dead_letter")).toBe(letters.length);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect({
    accepted: readMetric(metrics, "iris_tasks_accepted_total"),
    success: readMetric(metrics, 'iris_tasks_total{outcome="success"}'),
    failed: readMetric(metrics, 'iris_tasks_total{outcome="failed"}'),
    dead: readMetric(metrics, "iris_dead_letters_total"),
  }).toEqual({
    accepted: good.size + failed.size,
    success: good.size,
    failed: failed.size,
    dead: letters.length,
  });
}, 600_000);

/** What no worker can read, once without and once with an id. */
function rubbish(turn: number): string[] {
  return [`rubbish ${turn}`, JSON.stringify({ task_id: `bad-${turn}`, X: { petal_length: "long" } })];
}

/** The ids of the tasks that can be read; of the others each place, and the id that was readable. */
function sortOut(messages: readonly SeenMessage[]) {
  const good = new Set<string>();
  const bad = new Map<string, string | undefined>();
  for (const { partition, offset, value } of messages) {
    const task = parseTask(value === null ? null : Buffer.from(value));
    if (task.ok) good.add(task.value.task_id ?? "");
    else bad.set(`${partition}@${offset}`, task.task_id);
  }
  const withId = new Set([...bad.values()].filter((id) => id !== undefined));
  // The others are known by their place.
  const failed = new Set([...bad].map(([place, id]) => id ?? place));
  return { good, bad, withId, failed };
}

function count(file: string, from: string): number {
  const database = openDatabase(file, { readOnly: true });
  try {
    return (database.prepare(`SELECT count(*) AS rows FROM ${from}`).get() as { rows: number }).rows;
  } finally {
    database.close();
  }
}

function readMetric(metrics: string, name: string): number {
  const line = metrics.split("\n").find((text) => text.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}
