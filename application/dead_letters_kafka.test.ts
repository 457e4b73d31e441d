/** `npm run dead-letters`: what is there, why, and the way back into the queue, with nothing but a Kafka. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { connectKafka } from "../common/kafka/client.ts";
import type { Message } from "../common/kafka/consume_plan.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { countCommitted, eventually } from "../tests/support/kafka_state.ts";
import { takeBack } from "../tests/support/transaction_marks.ts";
import { readTopic } from "./read_topic.ts";

const COMMAND = "application/dead_letters.ts";
const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

const command = (args: string[] = []) => sandbox.run(COMMAND, args);

/** Sends these, one after the other, and has a worker set them aside. */
async function setAside(values: (string | Buffer | null)[]): Promise<void> {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  for (const value of values) await sandbox.send("tasks", [value]);
  const worker = sandbox.start("5_task_queue/worker.ts");
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === values.length);
  await worker.stop();
}

/** The sandbox cannot, since it waits for as many messages as there are offsets. */
async function readTasks() {
  const kafka = await connectKafka(readKafkaSettings(sandbox.env), "reader");
  const tasks: Message[] = [];
  await readTopic(kafka, kafka.topics.tasks, (message) => tasks.push(message));
  await kafka.close();
  return tasks;
}

const groupsLeft = async () => {
  const { groups } = await sandbox.admin.listGroups();
  return groups.filter(({ groupId }) => groupId.startsWith(`${sandbox.prefix}iris_reader_`));
};

test("without a topic, and with an empty one, there are none, and none is made", async () => {
  const none = { exitCode: 0, stdout: "No dead letters: the workers could read every task.\n", stderr: "" };
  expect(await command()).toMatchObject(none);
  expect((await sandbox.admin.listTopics()).filter((name) => name.startsWith(sandbox.prefix))).toEqual([]);
  await sandbox.run("5_task_queue/kafka_setup.ts");
  expect(await command()).toMatchObject(none);
  expect(await command(["--json"])).toMatchObject({ stdout: '{"dead_letters":[],"total":0}\n' });
  expect(await command(["--replay", "0/0"])).toMatchObject({
    exitCode: 1,
    stderr: "There is no dead letter 0/0: npm run dead-letters lists those that there are\n",
  });
});

test("lists them, the newest first, and puts one back as it should have been", async () => {
  const nasty = '\u001b[31mred\u001b[0m \u202e{"sepal_length":6}';
  await setAside(["rubbish", Buffer.from([0xff, 0xfe, 0]), null, nasty, "x".repeat(100_000)]);
  await takeBack(sandbox, "tasks-dlt", "taken back");
  await takeBack(sandbox, "tasks", "taken back");

  const { stdout, stderr, exitCode } = await command();
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  const lines = stdout.split("\n");
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  // No control character but the line breaks.
  expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  const places = lines.flatMap((line) => /^│ (\d+\/\d+) /.exec(line)?.[1] ?? []);
  expect(places).toEqual(["0/4", "0/3", "0/2", "0/1", "0/0"]);
  expect(stdout).toMatch(/│ 0\/1 +│ \d\d-\d\d \d\d:\d\d:\d\d +│ \(hex\) fffe00 +│/);
  expect(stdout).toMatch(/│ +│ tasks 0\/1 +│/);
  expect(lines.slice(-2)).toEqual(["npm run dead-letters -- --replay 0/4 --edit 6,3,4,1", ""]);

  const json = await command(["--json", "--limit", "2"]);
  expect(json).toMatchObject({ exitCode: 0, stderr: "" });
  const listed = JSON.parse(json.stdout);
  expect(json.stdout).toBe(`${JSON.stringify(listed)}\n`);
  expect(listed.dead_letters.map(({ offset }: { offset: number }) => offset)).toEqual([4, 3]);
  expect(listed.dead_letters[0]).toMatchObject({ size: 100_000, value: { text: "x".repeat(100_000) } });
  expect(listed.dead_letters[1]).toEqual({
    partition: 0,
    offset: 3,
    set_aside_at: expect.stringMatching(/^\d{4}-.*Z$/),
    reason: expect.stringMatching(/^Expected the message to be JSON, got /),
    original: { topic: sandbox.topic("tasks"), partition: 0, offset: 3 },
    size: Buffer.byteLength(nasty),
    value: { hex: Buffer.from(nasty).toString("hex") },
    headers: expect.objectContaining({ "original-offset": ["3"] }),
  });

  // As it was it cannot be read now either.
  expect(await command(["--replay", "0/0"])).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr:
      'No worker could read it now either (Expected the message to be JSON, got "rubbish"): ' +
      "say what it should have been, as with --edit 6,3,4,1\n",
  });
  expect(await command(["--replay", "0/0", "--edit", "6,3,4"])).toMatchObject({
    exitCode: 2,
    stderr: "Expected petal_width to be a number between 0 and 30 cm, got nothing\n",
  });
  const replayed = await command(["--replay", "0/0", "--edit", "6,3,4,1"]);
  const [, id = ""] =
    /^Replayed 0\/0 as the task ([\da-f-]{36}): partition 0, offset 7\n$/.exec(replayed.stdout) ?? [];
  expect(replayed).toMatchObject({ exitCode: 0, stderr: "" });
  const sent = (await readTasks()).at(-1);
  expect(sent?.value?.toString()).toBe(JSON.stringify({ task_id: id, X }));
  expect(String(sent?.headers?.["replay-of"])).toBe("0/0");

  // It is told once, and done again only on purpose.
  expect((await command()).stdout).toMatch(new RegExp(`│ replayed as ${id.slice(0, 4)} +│`));
  expect(await command(["--replay", "0/0", "--edit", "6,3,4,1"])).toMatchObject({
    exitCode: 1,
    stderr: `The dead letter 0/0 has been replayed as ${id}: --again replays it once more\n`,
  });
  const again = await command(["--replay", "0/0", "--again", "--json", "--edit", JSON.stringify(X)]);
  expect(JSON.parse(again.stdout)).toEqual({
    task_id: expect.not.stringContaining(id),
    partition: 0,
    offset: 8,
    replay_of: "0/0",
  });
  expect(await groupsLeft()).toEqual([]);

  // Any worker answers it.
  const worker = sandbox.start("4_message_queue/worker.ts");
  await worker.waitFor(/^Answered partition 0, offset 8/);
});

test.each([
  [["--replay", "12"], "Expected a partition and an offset, such as 0/12"],
  [["--edit", "6,3,4,1"], "--edit and --again belong to --replay, which names the letter: --replay 0/12"],
  [["--limit", "0"], "Expected a whole number from 1 to 10000"],
])("%j is refused", async (args, message) => {
  const { exitCode, stdout, stderr } = await command(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain(message);
});
