/** DELETE /tasks/<id>: whoever comes first on `results` decides, and all gateways say the same. */
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { sampleMeasurements } from "../../../common/samples.ts";
import { openDatabase } from "../../../common/sqlite.ts";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../../../lab/harness/lines.ts";
import { type Gateway, startGateway, untilFinal } from "../../../tests/support/gateway.ts";
import { eventually } from "../../../tests/support/kafka_state.ts";
import { STATUSES } from "../../view/schema.ts";

const [FLOWER] = sampleMeasurements(1);
const STAGE_5 = "5_task_queue/worker.ts";

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

const withPartitions = (count: number) =>
  sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", String(count)]);
const twoGateways = () => Promise.all([startGateway(sandbox), startGateway(sandbox)]);

function startWorker(name: string, inferenceTime: number, file = "application/worker.ts") {
  return sandbox.start(file, ["--name", name, "--inference-time", String(inferenceTime)]);
}

async function post(gateway: Gateway): Promise<string> {
  const { status, json, text } = await gateway.post("/tasks", FLOWER);
  expect(status, text).toBe(202);
  return json.task_id;
}

type Transition = { kind: string; outcome?: string };
async function historyOf(gateway: Gateway, id: string): Promise<string[]> {
  const { transitions } = (await gateway.get(`/tasks/${id}/history`)).json;
  return transitions.map(({ kind, outcome }: Transition) => (kind === "LATE" ? `LATE ${outcome}` : kind));
}

/** What the first record on `results` says of each task. */
async function decided(): Promise<Map<string, string>> {
  const statuses = new Map<string, string>();
  for (const { value } of await sandbox.readAll("results")) {
    const { task_id, error } = JSON.parse(value ?? "");
    const status = error === undefined ? "SUCCESS" : error.code === "CANCELLED" ? "CANCELLED" : "FAILED";
    if (!statuses.has(task_id)) statuses.set(task_id, status);
  }
  return statuses;
}

test("a task that waits: no worker begins it, nor one that starts later; an answer that comes late does not count", async () => {
  await withPartitions(1);
  const [a, b] = await twoGateways();
  const [id, next] = [await post(a), await post(b)];
  const { status, json } = await b.del(`/tasks/${id}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    ...{ task_id: id, status: "CANCELLED", attempts: 1, X: FLOWER, partition: 0, offset: 0 },
    error: { code: "CANCELLED", message: expect.any(String) },
    ...{ cancel_requested_at: expect.any(String), ended_at: expect.any(String) },
  });
  expect(json).not.toHaveProperty("position");
  expect(await untilFinal(a, id)).toEqual(json);
  expect((await sandbox.readAll("task-events")).map(({ value }) => JSON.parse(value ?? ""))).toEqual([
    { event: "CANCEL_REQUESTED", task_id: id, at: expect.any(Number) },
  ]);
  const result = await a.get(`/tasks/${id}/result`);
  expect(result.json).toMatchObject({
    status: 409,
    type: "/problems/task-cancelled",
    task_status: "CANCELLED",
  });

  const ours = startWorker("ours", 0.05);
  await ours.waitFor(new RegExp(`^${id.slice(0, 4)} cancelled, partition 0, not begun$`));
  expect(await untilFinal(a, next)).toMatchObject({ status: "SUCCESS" });
  await ours.stop();
  // Stage 5's own worker knows nothing of cancelling.
  const other = await post(a);
  expect((await a.del(`/tasks/${other}`)).status).toBe(200);
  const theirs = startWorker("theirs", 0.05, STAGE_5);
  for (const gateway of [a, b]) {
    await eventually(async () => (await historyOf(gateway, other)).includes("LATE setosa"));
    expect(await historyOf(gateway, other)).toEqual([
      "PENDING",
      "CANCEL_REQUESTED",
      "CANCELLED",
      "LATE setosa",
    ]);
    expect(await historyOf(gateway, id)).toEqual([
      "PENDING",
      "CANCEL_REQUESTED",
      "CANCELLED",
      "LATE CANCELLED",
    ]);
    const { species, worker, ...task } = (await gateway.get(`/tasks/${other}`)).json;
    expect({ species, worker, status: task.status }).toEqual({ status: "CANCELLED" });
  }
  await theirs.stop();
});

test("a task that runs is aborted, and its worker goes on", async () => {
  await withPartitions(1);
  const gateway = await startGateway(sandbox);
  const worker = startWorker("worker-1", 600);
  await ownsPartitions(worker, 1);
  const ids = [await post(gateway), await post(gateway)];
  for (const id of ids) {
    await eventually(async () => (await gateway.get(`/tasks/${id}`)).json.status === "STARTED");
    const { status, json } = await gateway.del(`/tasks/${id}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: "CANCELLED", worker: "worker-1", attempts: 1 });
    await worker.waitFor(new RegExp(`^${id.slice(0, 4)} cancelled, partition 0, \\d+ ms$`));
  }
  expect(await historyOf(gateway, ids[0] ?? "")).toEqual(
    expect.arrayContaining(["PENDING", "STARTED", "CANCEL_REQUESTED", "CANCELLED"]),
  );
  expect(await worker.stop()).toMatchObject({ exitCode: 0, stderr: "" });
});

test("what is finished stays: 409, however it ended", async () => {
  await withPartitions(1);
  const [a, b] = await twoGateways();
  const worker = startWorker("worker-1", 0);
  const answered = await post(a);
  await sandbox.send("tasks", [JSON.stringify({ task_id: "bad", X: 1 }), "rubbish"]);
  for (const id of [answered, "bad", "0@2"]) await untilFinal(b, id);
  await worker.stop();
  const cancelled = await post(a);
  expect((await a.del(`/tasks/${cancelled}`)).status).toBe(200);
  for (const [id, task_status] of [
    [answered, "SUCCESS"],
    ["bad", "FAILED"],
    ["0@2", "FAILED"],
    [cancelled, "CANCELLED"],
  ] as const) {
    const before = await untilFinal(b, id);
    const { json } = await b.del(`/tasks/${id}`);
    expect(json).toMatchObject({ status: 409, type: "/problems/already-finished", task_status });
    expect((await b.get(`/tasks/${id}`)).json).toEqual(before);
  }
  // Nothing was sent for them.
  expect(await sandbox.readAll("task-events")).toHaveLength(1);
});

test("at the instant it begins, and from two sides at once: one state, and all are told of it", async () => {
  await withPartitions(1);
  const [a, b] = await twoGateways();
  await ownsPartitions(startWorker("worker-1", 0.03), 1);
  const told = new Map<string, string[]>();
  for (let round = 0; round < 30; round += 1) {
    const id = await post(a);
    await a.get(`/tasks/${id}?wait=60`); // Its worker has just said that it has begun, or has ended.
    const answers = await Promise.all([a, b].map((gateway) => gateway.del(`/tasks/${id}`)));
    told.set(
      id,
      answers.map(({ status, json }) => (status === 200 ? json.status : json.task_status)),
    );
  }
  const statuses = await decided();
  for (const [id, answers] of told) expect(answers).toEqual([statuses.get(id), statuses.get(id)]);
});

test("500 random cancels while workers work: two gateways say the same, and the counts agree", async () => {
  await withPartitions(12);
  const [a, b] = await twoGateways();
  const gateways = [a, b];
  await Promise.all(
    [startWorker("worker-1", 0.02), startWorker("worker-2", 0.04), startWorker("theirs", 0.03, STAGE_5)].map(
      (worker) => ownsPartitions(worker, 4),
    ),
  );
  const { tasks } = (await a.post("/tasks", sampleMeasurements(500))).json;
  const ids: string[] = tasks.map(({ task_id }: { task_id: string }) => task_id);
  const left = ids.toSorted(() => Math.random() - 0.5);
  const told = new Map<string, string>();
  const cancelSome = async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const gateway = gateways[Math.random() < 0.5 ? 0 : 1] ?? a;
      const { status, json } = await gateway.del(`/tasks/${id}`);
      expect([200, 409]).toContain(status);
      told.set(id, status === 200 ? json.status : json.task_status);
    }
  };
  await Promise.all(Array.from({ length: 8 }, cancelSome));

  for (const gateway of gateways) for (const id of ids) await untilFinal(gateway, id);
  const statuses = await decided();
  expect(statuses.size).toBe(500);
  expect(new Map(told)).toEqual(statuses);
  const counts = Object.fromEntries(
    STATUSES.map((status) => [status, [...statuses.values()].filter((each) => each === status).length]),
  );
  // Otherwise the machine was too fast or too slow to tell anything.
  expect(counts.SUCCESS).toBeGreaterThan(0);
  expect(counts.CANCELLED).toBeGreaterThan(0);
  // Late answers may still come; they change nothing.
  for (const gateway of gateways) {
    for (const status of STATUSES) {
      const listed = (await gateway.get(`/tasks?limit=500&status=${status}`)).json.tasks;
      expect(listed.length, status).toBe(counts[status]);
      for (const { task_id } of listed) expect(statuses.get(task_id)).toBe(status);
    }
    expect((await gateway.get("/queue")).json.totals).toMatchObject({
      ...{ accepted: 500, answered: counts.SUCCESS, failed: 0, cancelled: counts.CANCELLED, dead_letters: 0 },
    });
    await gateway.close();
    const database = openDatabase(join(gateway.folder, "gateway", "view.db"), { readOnly: true });
    const rows = database.prepare("SELECT id, status FROM task").all() as { id: string; status: number }[];
    database.close();
    expect(new Map(rows.map(({ id, status }) => [id, STATUSES[status]]))).toEqual(statuses);
  }
});
