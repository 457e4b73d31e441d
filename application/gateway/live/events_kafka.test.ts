/** GET /events of real gateways, with real workers: nothing is lost and nothing comes twice. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../../../lab/harness/lines.ts";
import { type EventStreamClient, openEventStream } from "../../../tests/support/event_stream.ts";
import { type Gateway, startGateway } from "../../../tests/support/gateway.ts";
import { eventually, makeTasks } from "../../../tests/support/kafka_state.ts";
import type { Change, QueueState } from "./wire.ts";

const APPLICATION_WORKER = "application/worker.ts";
const STAGE_5_WORKER = "5_task_queue/worker.ts";
const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

let sandbox: KafkaSandbox;
let gateway: Gateway;
const streams: EventStreamClient[] = [];

beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  gateway = await startGateway(sandbox);
  await gateway.ready();
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close();
  await sandbox.close();
});

async function open(on: Gateway = gateway, lastId?: string): Promise<EventStreamClient> {
  const stream = await openEventStream(on.url, lastId);
  streams.push(stream);
  return stream;
}
const startWorker = (file: string, name: string, ...args: string[]) =>
  sandbox.start(file, ["--name", name, ...args]);
async function post(count: number): Promise<string[]> {
  const answer = await gateway.post("/tasks", Array(count).fill(X));
  expect(answer.status).toBe(202);
  return answer.json.tasks.map(({ task_id }: { task_id: string }) => task_id);
}
const kindsOf = (changes: readonly Change[], id: string) =>
  changes.flatMap((change) => ("id" in change && change.id === id ? change.kind : []));
const countEnded = (changes: readonly Change[]) => changes.filter(({ kind }) => kind === "ended").length;
/** The last state of the queue that came. */
const queueOf = ({ events }: EventStreamClient): QueueState | undefined => {
  const last = events.findLast(({ name }) => name !== "changes");
  if (last === undefined || last.name === "changes") return undefined;
  return last.name === "queue" ? last.data : last.data.queue;
};

test("a stream begins with the state; then each task is told once and in its order", async () => {
  const before = await post(3);
  const worker = startWorker(APPLICATION_WORKER, "worker-1", "--inference-time", "0.5");
  // The queue may be told as it was a moment ago.
  await eventually(async () => (await gateway.get("/queue")).json.totals.answered === 3);
  const stream = await open();
  await stream.until(() => stream.events.length > 0);
  const [first] = stream.events;
  expect(stream.retry).toBe(1000);
  if (first?.name !== "state") throw new Error(`The first event is ${first?.name}`);
  expect(first.data.timeline.map(({ id }) => id).sort()).toEqual([...before].sort());
  expect(first.data.queue.totals).toMatchObject({ waiting: 0, accepted: 3, answered: 3, failed: 0 });

  const after = await post(6);
  await stream.until(() => countEnded(stream.changes) === 6);
  for (const id of after) expect(kindsOf(stream.changes, id)).toEqual(["accepted", "started", "ended"]);
  expect(stream.changes).toHaveLength(18);
  await stream.until(() => queueOf(stream)?.totals.answered === 9);
  const seen = stream.events.flatMap((event) => (event.name === "queue" ? event.data : []));
  const busy = seen.flatMap(({ lanes }) => lanes.flatMap(({ current }) => current ?? []));
  expect(new Set(busy.map(({ worker: name }) => name))).toEqual(new Set(["worker-1"]));
  // In the first 20 ms of a task it is a guess.
  expect(busy.some(({ id, announced }) => announced && after.includes(id))).toBe(true);
  expect(Math.max(...seen.map(({ totals }) => totals.waiting))).toBeGreaterThan(1);
  expect(seen.at(-1)?.workers).toMatchObject([{ name: "worker-1", state: "idle", done: 9 }]);

  // Known before its session ends only where the application tells; else when Kafka gives it up.
  await worker.kill();
  await stream.until(() => queueOf(stream)?.workers[0]?.state === "gone");
  expect(queueOf(stream)?.lanes.every(({ unowned_since }) => unowned_since !== undefined)).toBe(true);
});

test("clients of the stages appear, and what a stage 5 worker is at is a guess", async () => {
  const stream = await open();
  await sandbox.send("tasks", ["6,3,4,1"]);
  await stream.until(() => queueOf(stream)?.totals.waiting === 1);
  startWorker(STAGE_5_WORKER, "stage-5", "--inference-time", "3600");
  await stream.until(() => queueOf(stream)?.totals.dead_letters === 1);
  await sandbox.send("tasks", [JSON.stringify(X), makeTasks(1)[0]?.value ?? ""]);
  await stream.until(() => queueOf(stream)?.totals.in_progress === 1);
  await stream.until(() => queueOf(stream)?.totals.waiting === 1);
  const accepted = stream.changes.flatMap((change) => (change.kind === "accepted" ? change.id : []));
  expect(accepted.filter((id) => /^\d+@\d+$/.test(id))).toHaveLength(2);
  expect(accepted).toHaveLength(3);
  const { lanes = [], totals, workers = [] } = queueOf(stream) ?? {};
  expect(lanes.flatMap(({ current }) => current ?? [])).toMatchObject([
    { worker: "stage-5", announced: false },
  ]);
  expect(totals).toMatchObject({ waiting: 1, in_progress: 1, failed: 1 });
  expect(workers).toMatchObject([{ name: "stage-5", state: "working" }]);
  const dead = stream.changes.flatMap((change) => (change.kind === "dead" ? change : []));
  expect(dead).toMatchObject([{ offset: 0, original_offset: 0, reason: expect.stringContaining("6,3,4,1") }]);
  const failed = stream.changes.filter((change) => change.kind === "ended" && change.outcome === "FAILED");
  expect(failed).toHaveLength(1);
});

test("a client that loses its connection again and again is told everything once", async () => {
  const worker = startWorker(APPLICATION_WORKER, "worker-1", "--quiet");
  await ownsPartitions(worker, 12);
  const told: Change[] = [];
  let stream = await open();
  await stream.until(() => stream.events.length > 0);
  const ids: string[] = [];
  for (let round = 0; round < 15; round += 1) {
    ids.push(...(await post(20)));
    const wanted = Math.floor(ids.length / 2);
    await stream.until(() => countEnded([...told, ...stream.changes]) >= wanted);
    stream.close();
    await stream.closed;
    told.push(...stream.changes);
    stream = await open(gateway, stream.lastId);
  }
  await stream.until(() => countEnded([...told, ...stream.changes]) === ids.length);
  told.push(...stream.changes);
  expect(stream.events.map(({ name }) => name)).not.toContain("state");
  for (const id of ids) expect(kindsOf(told, id)).toEqual(["accepted", "ended"]);
});

test("after kill -9 of the gateway it is resumed, there and at one whose view is behind", async () => {
  const worker = startWorker(APPLICATION_WORKER, "worker-1", "--quiet");
  await ownsPartitions(worker, 12);
  const stream = await open();
  await stream.until(() => stream.events.length > 0);
  const first = await post(50);
  await stream.until(() => countEnded(stream.changes) > 10);
  await gateway.kill();
  await stream.closed;
  // Meanwhile the stages go on.
  const tasks = makeTasks(30);
  await sandbox.send(
    "tasks",
    tasks.map(({ value }) => value),
  );
  const ids = [...first, ...tasks.map(({ id }) => id)];

  // Its view is new and empty: it must not take the id for one of another log.
  const other = await startGateway(sandbox);
  const elsewhere = await open(other, stream.lastId);
  await gateway.restart();
  const back = await open(gateway, stream.lastId);
  for (const resumed of [elsewhere, back]) {
    await resumed.until(() => countEnded([...stream.changes, ...resumed.changes]) === ids.length);
    expect(resumed.events.map(({ name }) => name)).not.toContain("resync");
    for (const id of ids)
      expect(kindsOf([...stream.changes, ...resumed.changes], id)).toEqual(["accepted", "ended"]);
  }
});

test("too large a gap, and an id that is not of this log, are answered with all there is", async () => {
  const stream = await open();
  await stream.until(() => stream.events.length > 0);
  stream.close();
  await stream.closed;
  await post(2001);
  await eventually(async () => (await gateway.get("/queue")).json.totals.waiting === 2001);
  const lastId = stream.lastId ?? "";
  const of = (id: string) => id.replace(/^\w+/, "00000000");
  const later = lastId.replace(/~[^~]*~/, "~zzzz~");
  for (const id of [lastId, of(lastId), later, "17", "~~~~~"]) {
    const resumed = await open(gateway, id);
    await resumed.until(() => resumed.events.length > 0);
    const [event] = resumed.events;
    if (event?.name !== "resync") throw new Error(`"${id}" was answered with ${event?.name}`);
    expect(event.data.queue.totals).toMatchObject({ waiting: 2001, accepted: 2001 });
    expect(event.id).not.toBe(id);
  }
});

test("topics that are made anew: no change of the old ones is mixed with those of the new ones", async () => {
  await post(5);
  const stream = await open();
  await stream.until(() => queueOf(stream)?.totals.accepted === 5);
  const { lastId } = stream;
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--reset", "--yes", "--partitions", "12"]);
  await stream.until(() => queueOf(stream)?.totals.accepted === 0);
  await post(7);
  await stream.until(() => queueOf(stream)?.totals.accepted === 7);
  const resumed = await open(gateway, lastId);
  await resumed.until(() => resumed.events.length > 0);
  expect(resumed.events[0]?.name).toBe("resync");
});

test("a heartbeat comes, and the streams end with the gateway", async () => {
  const stream = await open();
  await stream.until(() => stream.comments.includes("heartbeat"));
  await gateway.close();
  await stream.closed;
});

test("a client that does not read is dropped; the others are told everything", async () => {
  startWorker(APPLICATION_WORKER, "worker-1", "--quiet");
  const [slow, other] = [await open(), await open()];
  slow.pause();
  const openStreams = async () =>
    /^iris_event_streams (\d+)$/m.exec((await gateway.get("/metrics")).text)?.[1];
  let accepted = 0;
  while ((await openStreams()) !== "1") {
    accepted += (await post(5000)).length;
    await other.until(() => queueOf(other)?.totals.answered === accepted);
  }
  slow.resume();
  await slow.closed;
});
