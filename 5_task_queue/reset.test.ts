/** Topics and groups that are made anew. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions, storedUpTo } from "../lab/harness/lines.ts";
import { countCommitted, countMessages, eventually, makeTasks } from "../tests/support/kafka_state.ts";
import { HAS_TERMINAL, runOnTerminal } from "../tests/support/terminal.ts";

const SETUP = "5_task_queue/kafka_setup.ts";

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

/** Of tasks, results and tasks-dlt. */
async function partitions(): Promise<number[]> {
  const topics = (["tasks", "results", "tasks-dlt"] as const).map(sandbox.topic);
  const metadata = await sandbox.admin.fetchTopicMetadata({ topics });
  return topics.map((topic) => metadata.topics.find(({ name }) => name === topic)?.partitions.length ?? 0);
}

/** Topics with something in them, and groups with something behind them. */
async function fill(): Promise<void> {
  await sandbox.run(SETUP, ["--partitions", "20"]);
  const worker = sandbox.start("5_task_queue/worker.ts");
  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", ":memory:"]);
  await Promise.all([ownsPartitions(worker, 20), ownsPartitions(persister, 1)]);
  await sandbox.send("tasks", [...makeTasks(3).map(({ value }) => value), "rubbish"]);
  await persister.waitFor(storedUpTo(2));
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === 4);
  await eventually(async () => (await countCommitted(sandbox, "persister_group")) === 3);
  await Promise.all([worker.stop(), persister.stop()]);
}

test("--reset --yes deletes topics and groups with all that is in them, and makes the topics anew", async () => {
  await fill();
  const { exitCode, stdout, stderr } = await sandbox.run(SETUP, ["--reset", "--yes"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const all = ["tasks", "results", "tasks-dlt", "task_consumer_group", "persister_group"];
  expect(stdout).toContain(`Deleted: ${all.map((name) => sandbox.prefix + name).join(", ")}\n`);
  expect(await partitions()).toEqual([12, 1, 1]);
  expect(await countMessages(sandbox, "tasks")).toBe(0);
  expect(await countMessages(sandbox, "results")).toBe(0);
  const { groups } = await sandbox.admin.listGroups();
  expect(groups.filter(({ groupId }) => groupId.startsWith(sandbox.prefix))).toEqual([]);

  // What comes after is answered from its first message on.
  await sandbox.run("4_message_queue/client.ts", ["--samples", "2"]);
  const worker = sandbox.start("5_task_queue/worker.ts");
  await eventually(async () => (await countMessages(sandbox, "results")) === 2);
  await worker.stop();
});

test("--reset of nothing is no fault", async () => {
  const { exitCode, stdout } = await sandbox.run(SETUP, ["--reset", "--yes", "--partitions", "2"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Deleted: nothing, there was nothing yet\n");
  expect(await partitions()).toEqual([2, 1, 1]);
});

test("--reset refuses without a terminal and without --yes", async () => {
  await fill();
  expect(await sandbox.run(SETUP, ["--reset"])).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: "--reset deletes all tasks and results: say --yes where nobody can be asked\n",
  });
  expect(await countMessages(sandbox, "results")).toBe(3);
});

test.skipIf(!HAS_TERMINAL)("--reset asks first on a terminal, and takes n for no and y for yes", async () => {
  await fill();
  const command = [process.execPath, "--import", "tsx", SETUP, "--reset"];
  const no = await runOnTerminal(command, [["(y/N)", "n\r"]], sandbox.env);
  expect(no).toMatchObject({ exitCode: 1, text: expect.stringContaining("Nothing was deleted.") });
  expect(await countMessages(sandbox, "results")).toBe(3);
  const interrupted = await runOnTerminal(command, [["(y/N)", "\x03"]], sandbox.env);
  expect(interrupted.exitCode).toBe(130);
  const yes = await runOnTerminal(command, [["(y/N)", "y\r"]], sandbox.env);
  expect(yes).toMatchObject({ exitCode: 0, text: expect.stringContaining("Deleted: ") });
  expect(await countMessages(sandbox, "results")).toBe(0);
});

test("--reset refuses while workers or a persister run", async () => {
  await sandbox.run(SETUP, ["--partitions", "2"]);
  const workers = [sandbox.start("5_task_queue/worker.ts"), sandbox.start("4_message_queue/worker.ts")];
  const persister = sandbox.start("4_message_queue/persister.ts", ["--db", ":memory:"]);
  await Promise.all([
    ...workers.map((worker) => worker.waitFor(/artitions.*: \d/)),
    ownsPartitions(persister, 1),
  ]);
  // Both are known to the group when each has its partition.
  await workers[0]?.waitFor(/\(1\)$/);
  const { exitCode, stdout, stderr } = await sandbox.run(SETUP, ["--reset", "--yes"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  // In the order in which Kafka names them.
  const [, groups = ""] =
    /^Still running in (.*): stop the workers and the persister, then reset\n$/.exec(stderr) ?? [];
  const running = ["persister_group (1)", "task_consumer_group (2)"].map((group) => sandbox.prefix + group);
  expect(groups.split(", ").sort()).toEqual(running);
  expect(await partitions()).toEqual([2, 1, 1]);
  await Promise.all([...workers, persister].map((program) => program.stop()));
  expect(await sandbox.run(SETUP, ["--reset", "--yes"])).toMatchObject({ exitCode: 0 });
});
