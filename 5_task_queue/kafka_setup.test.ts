/** Partitions that are raised, under running workers too. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { countCommitted, eventually, expectWithin, makeTasks } from "../tests/support/kafka_state.ts";

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

/** The numbers before and after that it shows, a row a topic. */
function readTable(stdout: string): [string, number, number][] {
  const rows = stdout.matchAll(new RegExp(`│ ${sandbox.prefix}(\\S+) +│ (\\d+) +│ (\\d+) +│`, "g"));
  return [...rows].map(([, topic = "", before, now]) => [topic, Number(before), Number(now)]);
}

test("makes what is missing and raises tasks to 12, shows before and after, and may run again", async () => {
  const group = `${sandbox.prefix}task_consumer_group`;
  const first = await sandbox.run(SETUP);
  expect(first).toMatchObject({ exitCode: 0, stderr: "" });
  expect(first.stdout).toMatch(/^Kafka at .+\n/);
  expect(readTable(first.stdout)).toEqual([
    ["tasks", 0, 12],
    ["results", 0, 1],
    ["tasks-dlt", 0, 1],
  ]);
  expect(first.stdout).toContain(`\nIn the group ${group} up to 12 workers share the tasks.\n`);
  expect(await partitions()).toEqual([12, 1, 1]);

  const again = await sandbox.run(SETUP);
  expect(again).toMatchObject({ exitCode: 0, stderr: "" });
  expect(readTable(again.stdout)[0]).toEqual(["tasks", 12, 12]);

  const more = await sandbox.run(SETUP, ["--partitions", "20"]);
  expect(readTable(more.stdout)[0]).toEqual(["tasks", 12, 20]);
  expect(await partitions()).toEqual([20, 1, 1]);
});

test("cannot lower them, and says so", async () => {
  await sandbox.run(SETUP, ["--partitions", "4"]);
  expect(await sandbox.run(SETUP, ["--partitions", "3"])).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr:
      `${sandbox.topic("tasks")} has 4 partitions, and Kafka cannot lower their number. Either keep them with ` +
      "--partitions 4, or make the topic anew with --reset --partitions 3, which deletes all tasks and results in " +
      "Kafka\n",
  });
  expect(await partitions()).toEqual([4, 1, 1]);
});

test("eight that start at once on fresh topics all succeed", async () => {
  const runs = await Promise.all(Array.from({ length: 8 }, () => sandbox.run(SETUP)));
  for (const run of runs) expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  for (const { stdout } of runs) expect(readTable(stdout)[0]?.[2]).toBe(12);
  expect(await partitions()).toEqual([12, 1, 1]);
});

test.each(["0", "1001", "two", "-1"])("--partitions %s is wrong usage", async (number) => {
  const { exitCode, stderr } = await sandbox.run(SETUP, ["--partitions", number]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringMatching(
      /^error: .* Expected a whole number from 1 to 1000\. --help shows how\.\n$/,
    ),
  });
});

test("a worker that runs notices raised partitions, and answers what was sent to them", async ({
  annotate,
}) => {
  const worker = sandbox.start("5_task_queue/worker.ts");
  await worker.waitFor(/^Partitions of tasks: 0 \(1\)$/);
  const { exitCode } = await sandbox.run(SETUP);
  const raised = performance.now();
  expect(exitCode).toBe(0);
  const noticed = worker.waitForLine((text) => text.endsWith("(12)"), "with twelve partitions");
  const isNoticed = noticed.then(() => true);
  const ids: string[] = [];
  // Sent before the worker knows: a consumer that began a new partition at its end would miss some. Until it joins
  // its group again it answers those in partition 0: what it has not committed by then would be answered twice.
  while (!(await Promise.race([isNoticed, sleep(10)]))) {
    const tasks = makeTasks(24);
    ids.push(...tasks.map(({ id }) => id));
    await sandbox.send(
      "tasks",
      tasks.map(({ value }) => value),
    );
  }
  await annotate(`noticed after ${expectWithin(5, raised, (await noticed).at)}`);
  // Each once: a partition without a leader would have made kafkajs send what went to the others again.
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === ids.length);
  const answered = (await sandbox.readAll("results")).map(({ value }) => JSON.parse(value ?? "").task_id);
  expect(answered.sort()).toEqual(ids.sort());
  expect(await worker.stop()).toMatchObject({ exitCode: 0, stderr: "" });
});
