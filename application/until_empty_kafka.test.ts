/** A worker that ends when the queue that it found is done. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../lab/harness/lines.ts";
import { run } from "../lab/harness/programs.ts";
import { makeTasks, type TestTask } from "../tests/support/kafka_state.ts";
import { takeBack } from "../tests/support/transaction_marks.ts";

const WORKER = "application/worker.ts";
const DONE = "All that waited at the start is done\n";

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

const setUp = () => sandbox.run("5_task_queue/kafka_setup.ts");
const drain = (name: string, ...args: string[]) =>
  sandbox.start(WORKER, ["--until-empty", "--quiet", "--name", name, ...args]);
const send = (tasks: readonly Pick<TestTask, "value">[]) =>
  sandbox.send(
    "tasks",
    tasks.map(({ value }) => value),
  );
async function answeredIds(): Promise<string[]> {
  const results = await sandbox.readAll("results");
  return results.map(({ value }) => JSON.parse(value ?? "").task_id);
}

test("a topic that is missing ends it at once, and is not made", async () => {
  const { exitCode, stdout, stderr } = await sandbox.run(WORKER, ["--until-empty"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/\nNo task waits\n$/);
  expect(await sandbox.admin.listTopics()).not.toContain(sandbox.topic("tasks"));
});

test("an empty topic ends it at once: without a group, and without a model", async () => {
  await setUp();
  const args = ["--until-empty", "--model", "no_such_model.json"];
  expect(await sandbox.run(WORKER, args)).toMatchObject({ exitCode: 0, stderr: "" });
  const { groups } = await sandbox.admin.listGroups();
  expect(groups.map(({ groupId }) => groupId)).not.toContain(`${sandbox.prefix}task_consumer_group`);
});

test("it does what waits and ends, a second one at once; one that nobody can read is done, too", async () => {
  await setUp();
  const tasks = makeTasks(50);
  await send([...tasks, { value: "rubbish" }]);
  expect(await sandbox.run(WORKER, ["--until-empty", "--quiet"])).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/^Dead letter: /),
    stdout: expect.stringMatching(new RegExp(`${DONE}$`)),
  });
  expect((await answeredIds()).toSorted()).toEqual(tasks.map(({ id }) => id).toSorted());
  expect(await sandbox.readAll("tasks-dlt")).toHaveLength(1);
  const again = await sandbox.run(WORKER, ["--until-empty"]);
  expect(again.stdout).toMatch(/\nNo task waits\n$/);
});

test("what a transaction has taken back is passed over: nobody waits for it", async () => {
  await setUp();
  await takeBack(sandbox, "tasks", "taken back", 7);
  expect(await sandbox.run(WORKER, ["--until-empty", "--quiet"])).toMatchObject({
    exitCode: 0,
    stderr: "",
    stdout: expect.stringMatching(new RegExp(`${DONE}$`)),
  });
  expect(await answeredIds()).toEqual([]);
  expect((await sandbox.run(WORKER, ["--until-empty"])).stdout).toMatch(/\nNo task waits\n$/);
});

test("it ends although a producer goes on", async () => {
  await setUp();
  const tasks = makeTasks(100);
  await send(tasks);
  const worker = drain("drain", "--inference-time", "0.01");
  await ownsPartitions(worker, 12);
  let isOver = false;
  const exited = worker.exited.finally(() => {
    isOver = true;
  });
  // As many come as it does, so that it never finds the queue empty.
  while (!isOver) await send(makeTasks(5));
  expect((await exited).exitCode).toBe(0);
  expect(await answeredIds()).toEqual(expect.arrayContaining(tasks.map(({ id }) => id)));
});

test.skipIf(process.platform === "win32")(
  "two share what waits; one is killed, the other does it all",
  async () => {
    await setUp();
    const tasks = makeTasks(40);
    await send(tasks);
    const [one, two] = [drain("one", "--inference-time", "0.5"), drain("two", "--inference-time", "0.5")];
    await Promise.all([one, two].map((worker) => ownsPartitions(worker, 6)));
    await one.kill();
    expect(await two.exited).toMatchObject({ exitCode: 0 });
    expect(new Set(await answeredIds())).toEqual(new Set(tasks.map(({ id }) => id)));
  },
);

test("has --help, and no Kafka is one line", async () => {
  expect((await run(WORKER, ["--help"])).stdout).toContain("--until-empty");
  const env = { KAFKA_BROKERS: "localhost:1" };
  expect(await run(WORKER, ["--until-empty"], { env })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^No Kafka answers at localhost:1: .*\n$/),
  });
});
