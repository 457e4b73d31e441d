/**
 * Each program of the application is killed while tasks are posted and polled: nothing is lost, nothing
 * differs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../common/sqlite.ts";
import { freePort } from "../../kafka/ports.ts";
import { GATEWAY_LISTENS, ownsPartitions, PARTITIONS } from "../../lab/harness/lines.ts";
import type { Program } from "../../lab/harness/programs.ts";
import { postAll, untilFinal } from "../support/crowd_of_tasks.ts";
import { eventually } from "../support/kafka_state.ts";
import { type OwnBroker, startOwnBroker } from "../support/own_broker.ts";

const TASKS = 1000;

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
  const roles = {
    gateway: () =>
      sandbox.start("application/gateway/program.ts", [
        "--port",
        String(port),
        "--data",
        join(folder, "gateway"),
        "--db",
        db,
      ]),
    worker: () => sandbox.start("application/worker.ts", ["--name", "worker-1", "--inference-time", "0.005"]),
    persister: () => sandbox.start("application/persister.ts", ["--db", db]),
  };
  const isReady = {
    gateway: GATEWAY_LISTENS,
    worker: PARTITIONS,
    persister: PARTITIONS,
  };
  const running = new Map<string, Program>();
  async function start(role: keyof typeof roles): Promise<void> {
    const program = roles[role]();
    running.set(role, program);
    await program.waitFor(isReady[role]);
  }
  for (const role of ["gateway", "worker", "persister"] as const) await start(role);
  const other = sandbox.start("application/worker.ts", ["--name", "worker-2", "--inference-time", "0.005"]);
  await ownsPartitions(other, 6);

  async function killAndStart(role: keyof typeof roles): Promise<void> {
    await running.get(role)?.kill();
    await start(role);
  }
  // Each at another moment of the thousand, but one after the other: a program that starts needs a Kafka.
  const faults: Record<number, () => Promise<unknown>> = {
    150: () => killAndStart("gateway"),
    300: () => killAndStart("worker"),
    450: () => killAndStart("persister"),
    600: async () => {
      await broker.kill9();
      await broker.restart();
    },
    800: () => killAndStart("gateway"),
  };
  let last: Promise<unknown> = Promise.resolve();
  const ids = await postAll([url], TASKS, {
    onAccepted: async (count) => {
      const fault = faults[count];
      if (fault !== undefined) last = last.then(fault);
    },
  });
  await last;
  const tasks = await Promise.all(ids.map((id) => untilFinal([url], id)));
  expect(new Set(tasks.map(({ status }) => status))).toEqual(new Set(["SUCCESS"]));
  expect(new Set(ids).size).toBe(TASKS);

  // A task whose 202 was lost with its gateway is one more: in the log, and so in each of the books.
  const inLog = new Set((await sandbox.readAll("tasks")).map(({ value }) => JSON.parse(value ?? "").task_id));
  expect(inLog.size).toBeGreaterThanOrEqual(TASKS);
  await eventually(async () => count(db, "iris_prediction") === inLog.size);
  expect(count(db, "iris_failure")).toBe(0);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(readMetric(metrics, 'iris_tasks_total{outcome="success"}')).toBe(inLog.size);
  expect(readMetric(metrics, "iris_dead_letters_total")).toBe(0);
  expect(count(join(folder, "gateway", "view.db"), "task WHERE status = 2")).toBe(inLog.size);
});

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
