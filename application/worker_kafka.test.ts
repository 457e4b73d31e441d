/** The application's worker: what it announces, what it leaves when it is cancelled, and whom it works beside. */
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { sampleMeasurements } from "../common/samples.ts";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../lab/harness/lines.ts";
import { type Program, run } from "../lab/harness/programs.ts";
import { countCommitted, eventually, makeTasks, type TestTask } from "../tests/support/kafka_state.ts";
import { startOwnBroker } from "../tests/support/own_broker.ts";
import { takeBack } from "../tests/support/transaction_marks.ts";
import { formatTaskEvent, parseTaskEvent, type TaskEvent } from "./task_events.ts";

const WORKER = "application/worker.ts";
const STAGE_5 = "5_task_queue/worker.ts";

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  await sandbox.run("5_task_queue/kafka_setup.ts");
});
afterEach(() => sandbox.close());

/** One partition: its tasks are done in the order in which they are sent. */
async function withOnePartition(): Promise<void> {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1", "--reset", "--yes"]);
}

const startWorker = (name: string, ...args: string[]) => sandbox.start(WORKER, ["--name", name, ...args]);
const sendTasks = (tasks: TestTask[]) =>
  sandbox.send(
    "tasks",
    tasks.map(({ value }) => value),
  );
const cancel = (...ids: string[]) =>
  sandbox.send(
    "task-events",
    ids.map((task_id) => formatTaskEvent({ event: "CANCEL_REQUESTED", task_id, at: Date.now() })),
  );
const committed = () => countCommitted(sandbox, "task_consumer_group");

interface Seen {
  task_id?: string;
  y?: { iris_type: number };
  error?: { code: string; message: string };
  worker: string;
  partition: number;
  offset: string;
  started_at?: number;
  duration_ms?: number;
}
const readResults = async (): Promise<Seen[]> =>
  (await sandbox.readAll("results")).map(({ value }) => JSON.parse(value ?? ""));
const readEvents = async (): Promise<TaskEvent[]> =>
  (await sandbox.readAll("task-events")).flatMap(({ value }) => {
    const event = parseTaskEvent(value === null ? null : Buffer.from(value));
    return event.ok ? [event.value] : [];
  });
const readStarted = async () => (await readEvents()).filter(({ event }) => event === "STARTED");

/** Waits until a worker has announced the task. */
async function isStarted({ id }: TestTask, worker?: string): Promise<void> {
  await eventually(async () =>
    (await readStarted()).some(
      (event) => event.task_id === id && (!worker || JSON.stringify(event).includes(worker)),
    ),
  );
}

/** The worker's line about a task: what became of it. */
async function lineOf(worker: Program, { id }: TestTask): Promise<string> {
  const [, what = ""] = await worker.waitFor(new RegExp(`^${id.slice(0, 4)} (.*)$`));
  return what.replace(/\d+ ms$/, "n ms");
}

test("its options are those of stage 5's worker, and one more", async () => {
  const options = async (file: string) => (await run(file, ["--help"])).stdout.split("\n\n")[2];
  const ours = (await options(WORKER))?.split("\n") ?? [];
  const own = ours.findIndex((line) => line.includes("--until-empty"));
  const others = ours.findIndex((line) => line.includes("-h, --help"));
  expect([...ours.slice(0, own), ...ours.slice(others)].join("\n")).toBe(await options(STAGE_5));
  expect((await run(WORKER, ["--threads", "x"])).exitCode).toBe(2);
});

test("announces a task that takes more than 20 ms, with its place, and no other", async () => {
  const slow = startWorker("slow", "--inference-time", "0.1");
  await ownsPartitions(slow, 12);
  const tasks = makeTasks(3);
  const [X] = sampleMeasurements(1);
  await sendTasks([...tasks, { id: "", value: JSON.stringify(X) }]);
  await eventually(async () => (await committed()) === 4);
  expect(await slow.stop()).toMatchObject({ exitCode: 0, stderr: "" });

  const events = await sandbox.readAll("task-events");
  const results = await readResults();
  expect(events).toHaveLength(4);
  for (const { value } of events) {
    const { event, at, ...place } = JSON.parse(value ?? "");
    const result = results.find(
      ({ partition, offset }) => partition === place.partition && offset === place.offset,
    );
    const { task_id, worker, partition, offset, started_at } = result ?? {};
    expect({ event, at, ...place }).toEqual({
      event: "STARTED",
      at: started_at,
      ...(task_id === undefined ? {} : { task_id }),
      ...{ worker, partition, offset },
    });
  }
  // The group in which it heard of cancellations is gone with it.
  const { groups } = await sandbox.admin.listGroups();
  const own = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(sandbox.prefix));
  expect(own).toEqual([`${sandbox.prefix}task_consumer_group`]);

  const fast = startWorker("fast", "--inference-time", "0.001");
  const trivial = startWorker("trivial");
  await Promise.all([fast, trivial].map((worker) => ownsPartitions(worker, 6)));
  await sendTasks(makeTasks(500));
  await eventually(async () => (await committed()) === 504);
  // A busy machine can make one take longer.
  const took = new Map((await readResults()).map(({ task_id, duration_ms }) => [task_id, duration_ms]));
  for (const { task_id } of (await readStarted()).slice(4))
    expect(took.get(task_id)).toBeGreaterThanOrEqual(19);
});

describe("a cancelled task", () => {
  test("that waits is not begun; one that was answered stays answered; the next one is done", async () => {
    await withOnePartition();
    const worker = startWorker("worker-1", "--inference-time", "1");
    await ownsPartitions(worker, 1);
    const [running, waiting, next] = makeTasks(3) as [TestTask, TestTask, TestTask];
    await sendTasks([running, waiting, next]);
    await isStarted(running);
    await sandbox.send("task-events", ["CANCEL_REQUESTED", "{}", "", null]); // Rubbish cancels nothing.
    await cancel(waiting.id);
    expect(await lineOf(worker, running)).toMatch(/^\w+, partition 0, n ms$/);
    await cancel(running.id);
    expect(await lineOf(worker, waiting)).toBe("cancelled, partition 0, not begun");
    expect(await lineOf(worker, next)).toMatch(/^(setosa|versicolor|virginica), partition 0, n ms$/);
    await eventually(async () => (await committed()) === 3);

    expect(await readResults()).toEqual([
      expect.objectContaining({ task_id: running.id, y: { iris_type: expect.any(Number) } }),
      {
        task_id: waiting.id,
        error: { code: "CANCELLED", message: "It was cancelled before it was begun" },
        ...{ worker: "worker-1", partition: 0, offset: "1" },
      },
      expect.objectContaining({ task_id: next.id, y: { iris_type: expect.any(Number) } }),
    ]);
    expect((await readStarted()).map(({ task_id }) => task_id)).toEqual([running.id, next.id]);
  });

  test.each([
    ["sleeps", []],
    ["burns a core", ["--cpu-bound"]],
  ])("that runs is aborted where a task %s, and so is the next one", async (_, args) => {
    await withOnePartition();
    const worker = startWorker("worker-1", "--inference-time", "600", ...args);
    await ownsPartitions(worker, 1);
    const tasks = makeTasks(2);
    await sendTasks(tasks);
    for (const [index, task] of tasks.entries()) {
      await isStarted(task);
      await cancel(task.id);
      expect(await lineOf(worker, task)).toBe("cancelled, partition 0, n ms");
      await eventually(async () => (await committed()) === index + 1);
    }
    const facts = { worker: "worker-1", partition: 0, started_at: expect.any(Number) };
    const error = { code: "CANCELLED", message: "It was cancelled while a worker was at it" };
    expect(await readResults()).toEqual(
      tasks.map(({ id }, index) => ({
        ...{ task_id: id, error, ...facts },
        ...{ offset: String(index), duration_ms: expect.any(Number) },
      })),
    );
    expect(await worker.stop()).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("is not begun by a worker that starts later, also when a transaction's mark ends the log", async () => {
    const tasks = makeTasks(60);
    const first = startWorker("first");
    await ownsPartitions(first, 12);
    await first.stop();
    await sendTasks(tasks);
    const cancelled = tasks.filter((_, index) => index % 3 === 0).map(({ id }) => id);
    await cancel(...cancelled);
    // Nobody reads what was taken back, and there is no message behind it.
    const event = { event: "CANCEL_REQUESTED", task_id: tasks[1]?.id ?? "", at: 0 } as const;
    await takeBack(sandbox, "task-events", formatTaskEvent(event));

    const late = startWorker("late", "--inference-time", "0.03");
    await eventually(async () => (await committed()) === 60);
    const results = await readResults();
    const idsWith = (has: (result: Seen) => boolean) =>
      results
        .filter(has)
        .map(({ task_id }) => task_id)
        .sort();
    expect(results).toHaveLength(60);
    expect(idsWith(({ error }) => error?.code === "CANCELLED")).toEqual(cancelled.toSorted());
    const notBegun = late.lines.filter(({ text }) => text.endsWith("not begun"));
    expect(notBegun).toHaveLength(cancelled.length);
    expect(await late.stop()).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("of stage 4 is named by its place", async () => {
    await withOnePartition();
    const [X] = sampleMeasurements(1);
    await sandbox.send("tasks", [JSON.stringify(X), JSON.stringify(X)]);
    const first = startWorker("first");
    await eventually(async () => (await committed()) === 2);
    await first.stop();
    await sandbox.send("tasks", [JSON.stringify(X), JSON.stringify(X)]);
    await cancel("0@3");
    startWorker("second");
    await eventually(async () => (await committed()) === 4);
    const [, , third, fourth] = await readResults();
    expect(third).toMatchObject({ offset: "2", y: { iris_type: 0 } });
    expect(fourth).toMatchObject({ task_id: "0@3", error: { code: "CANCELLED" }, offset: "3" });
  });
});

test("kill -9: the task in hand comes again, nothing is lost; one that was cancelled meanwhile is not begun", async () => {
  await withOnePartition();
  const [first, second, third] = makeTasks(3) as [TestTask, TestTask, TestTask];
  const victim = startWorker("victim", "--inference-time", "600");
  await ownsPartitions(victim, 1);
  await sendTasks([first, second, third]);
  await isStarted(first);
  await victim.kill();
  await cancel(second.id);
  const survivor = startWorker("survivor", "--inference-time", "0.1");
  expect(await lineOf(survivor, second)).toBe("cancelled, partition 0, not begun");
  await eventually(async () => (await committed()) === 3);
  expect((await readResults()).map(({ task_id, worker }) => [task_id, worker])).toEqual(
    [first, second, third].map(({ id }) => [id, "survivor"]),
  );
  expect((await readStarted()).map((event) => [event.task_id, "worker" in event && event.worker])).toEqual([
    [first.id, "victim"],
    [first.id, "survivor"],
    [third.id, "survivor"],
  ]);
});

test("stage 5's worker and the application's share one queue", async () => {
  const ours = startWorker("ours", "--inference-time", "0.05");
  const theirs = sandbox.start(STAGE_5, ["--name", "theirs", "--inference-time", "0.05"]);
  await Promise.all([ours, theirs].map((worker) => ownsPartitions(worker, 6)));
  const tasks = makeTasks(48);
  await sendTasks(tasks);
  await eventually(async () => (await committed()) === 48);
  const results = await readResults();
  expect(results.map(({ task_id }) => task_id).sort()).toEqual(tasks.map(({ id }) => id).sort());
  for (const name of ["ours", "theirs"])
    expect(results.filter(({ worker }) => worker === name)).toHaveLength(24);
  expect(await readStarted()).toHaveLength(24);
});

test("a broker that is killed and comes back: cancellations are heard after it as before", async () => {
  const shared = sandbox;
  const own = await startOwnBroker();
  sandbox = own.sandbox;
  try {
    await withOnePartition();
    const worker = startWorker("worker-1", "--inference-time", "600");
    await ownsPartitions(worker, 1);
    const [first, second, third] = makeTasks(3) as [TestTask, TestTask, TestTask];
    await sendTasks([first, second, third]);
    await isStarted(first);
    await own.broker.kill9();
    await own.broker.restart();
    await cancel(first.id);
    expect(await lineOf(worker, first)).toBe("cancelled, partition 0, n ms");
    await cancel(third.id, second.id);
    expect(await lineOf(worker, second)).toMatch(/^cancelled, partition 0, /);
    expect(await lineOf(worker, third)).toBe("cancelled, partition 0, not begun");
    await eventually(async () => (await committed()) === 3);
    const ended = new Set((await readResults()).map(({ task_id }) => task_id));
    expect(ended).toEqual(new Set([first.id, second.id, third.id]));
  } finally {
    sandbox = shared;
    await own.close();
  }
});
