/** What no worker can read: it is set aside with its story, its client is told, and the next task is answered. */
import type { Message } from "kafkajs";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { installBatchReader } from "../common/kafka/batch_reader.ts";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ANSWERED } from "../lab/harness/lines.ts";
import { countCommitted, countMessages, eventually, makeTasks } from "../tests/support/kafka_state.ts";
import { sendChanged } from "../tests/support/raw_records.ts";

const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
const A_LENGTH = "a number between 0 and 30 cm";
const AN_OBJECT = "an object with sepal_length, sepal_width, petal_length, petal_width";
const AN_ID = "a text of 1 to 200 characters";
/** All that fits: with its headers the dead letter is larger than a topic takes by default. */
const MEGABYTE = 1_048_400;
const LISTS_IN_LISTS = "[".repeat(500_000) + "]".repeat(500_000);

interface BadTask {
  name: string;
  value: string | null;
  reason: string;
  /** Where one can be read. */
  task_id?: string;
}

const BAD_TASKS: BadTask[] = [
  { name: "no value", value: null, reason: "Expected the message to be JSON, got no value" },
  { name: "no text", value: "", reason: 'Expected the message to be JSON, got ""' },
  { name: "not JSON", value: "6,3,4,1", reason: 'Expected the message to be JSON, got "6,3,4,1"' },
  { name: "JSON's null", value: "null", reason: `Expected the measurements to be ${AN_OBJECT}, got null` },
  { name: "a list", value: "[6,3,4,1]", reason: `Expected sepal_length to be ${A_LENGTH}, got nothing` },
  {
    name: "stage 4's form with a text for a number",
    value: JSON.stringify({ ...X, petal_width: "1" }),
    reason: `Expected petal_width to be ${A_LENGTH}, got "1"`,
  },
  {
    name: "stage 5's form without X",
    value: '{"task_id":"without X"}',
    reason: `Expected the measurements to be ${AN_OBJECT}, got nothing`,
    task_id: "without X",
  },
  {
    name: "a length out of range",
    value: JSON.stringify({ task_id: "too long", X: { ...X, sepal_length: 31 } }),
    reason: `Expected sepal_length to be ${A_LENGTH}, got 31`,
    task_id: "too long",
  },
  {
    name: "a number for an id",
    value: JSON.stringify({ task_id: 5, X }),
    reason: `Expected task_id to be ${AN_ID}, got 5`,
  },
  {
    name: "a megabyte that is not JSON",
    value: "x".repeat(MEGABYTE),
    reason: `Expected the message to be JSON, got "${"x".repeat(60)}... (${MEGABYTE} bytes)"`,
  },
  {
    name: "a megabyte of id",
    value: JSON.stringify({ task_id: "x".repeat(MEGABYTE - 200), X }),
    reason: `Expected task_id to be ${AN_ID}, got "${"x".repeat(59)}... (${MEGABYTE - 198} characters)`,
  },
  {
    // JSON.parse() reads them, but whatever then goes through them level by level overflows the stack.
    name: "lists in lists in lists for a length",
    value: `{"task_id":"deep","X":{"sepal_length":${LISTS_IN_LISTS}}}`,
    reason: `Expected sepal_length to be ${A_LENGTH}, got a value too deep to show`,
    task_id: "deep",
  },
  {
    name: "such lists for an id",
    value: `{"task_id":${LISTS_IN_LISTS}}`,
    reason: `Expected task_id to be ${AN_ID}, got a value too deep to show`,
  },
];

installBatchReader(); // For the sandbox: kafkajs itself takes half an hour for a hundred thousand headers.

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

describe.each(["4_message_queue", "5_task_queue"])("%s/worker.ts", (stage) => {
  test("lives through what it cannot read, sets it aside with its story, and answers the next task", async () => {
    const worker = sandbox.start(`${stage}/worker.ts`);
    await worker.waitFor(/artitions.*: 0/);
    // One after the other: a single request of all would be larger than the topic takes.
    for (const { value } of BAD_TASKS) await sandbox.send("tasks", [value]);
    const [good] = makeTasks(1);
    await sandbox.send("tasks", [good?.value ?? ""]);
    await eventually(
      async () => (await countCommitted(sandbox, "task_consumer_group")) === BAD_TASKS.length + 1,
    );

    const letters = await sandbox.readAll("tasks-dlt");
    const expected = BAD_TASKS.map(({ value, reason }, offset) => ({
      value,
      headers: {
        "original-topic": sandbox.topic("tasks"),
        "original-partition": "0",
        "original-offset": String(offset),
        reason,
      },
    }));
    expect(letters.map(({ headers }) => headers)).toEqual(expected.map(({ headers }) => headers));
    // Compared as a whole, since a difference of megabytes is no use on a screen.
    expect(letters.map(({ value }) => value?.length)).toEqual(expected.map(({ value }) => value?.length));
    expect(letters.every(({ value }, index) => value === expected[index]?.value)).toBe(true);

    const results = (await sandbox.readAll("results")).map(({ value }) => JSON.parse(value ?? ""));
    const refused = BAD_TASKS.flatMap(({ task_id, reason }) =>
      task_id === undefined
        ? []
        : [expect.objectContaining({ task_id, error: { code: "invalid_input", message: reason } })],
    );
    expect(results).toEqual([
      ...refused,
      expect.objectContaining({ task_id: good?.id, y: { iris_type: 0 } }),
    ]);

    const { exitCode, stderr } = await worker.stop();
    const lines = BAD_TASKS.map(
      ({ reason }, offset) => `Dead letter: partition 0, offset ${offset}: ${reason}`,
    );
    expect({ exitCode, lines: stderr.split("\n") }).toEqual({ exitCode: 0, lines: [...lines, ""] });
  });
});

/** What kafkajs cannot send, or sends and cannot read again. The record ends with its last header's value. */
const ODD_HEADERS: [string, Message, ((records: Buffer) => Buffer)?][] = [
  ["null", { value: "rubbish", headers: { odd: "" } }, nullLastHeader],
  [
    "named as what every object has",
    {
      value: "rubbish",
      headers: Object.fromEntries([
        ["__proto__", "p"],
        ["constructor", "c"],
      ]),
    },
  ],
  ["repeated", { value: "rubbish", headers: { odd: ["1", "", "2"], reason: ["a", "b"] } }],
  ["not UTF-8", { value: "rubbish", headers: { odd: Buffer.from([0xff, 0xfe, 0]) } }],
  ["without a name", { value: "rubbish", headers: { "": "odd" } }],
  ["a hundred thousand", { value: "rubbish", headers: manyHeaders(100_000) }],
  ["a megabyte, beside a key of a megabyte", { value: "rubbish", key: noise(), headers: { odd: noise() } }],
];

/** The empty value of the last header becomes none: its length is -1, not 0. */
function nullLastHeader(records: Buffer): Buffer {
  const copy = Buffer.from(records);
  copy[copy.length - 1] = 1; // -1, zigzag.
  return copy;
}

function manyHeaders(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`h${index}`, ""]));
}

/** Compresses to little, so that Kafka takes it. */
function noise(): Buffer {
  return Buffer.alloc(2 ** 20, "noise");
}

test("a worker lives through any header, sets its message aside, and so does the next worker", async () => {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  for (const [, message, change] of ODD_HEADERS)
    await sendChanged(sandbox.kafka, sandbox.topic("tasks"), [message], change);
  const worker = sandbox.start("5_task_queue/worker.ts");
  const committed = () => countCommitted(sandbox, "task_consumer_group");
  await eventually(async () => (await committed()) === ODD_HEADERS.length);
  expect(await worker.stop()).toMatchObject({ exitCode: 0 });

  const letters = await sandbox.readAll("tasks-dlt");
  const ours = (offset: number) => [
    ["original-topic", sandbox.topic("tasks")],
    ["original-partition", "0"],
    ["original-offset", String(offset)],
    ["reason", 'Expected the message to be JSON, got "rubbish"'],
  ];
  const theirs = letters.map(({ headers }, offset) => {
    const own = ours(offset).map(([name, value]) => `${name}: ${value}`);
    const all = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    expect(all).toEqual(expect.arrayContaining(own));
    return all.filter((header) => !own.includes(header));
  });
  expect(theirs.map((headers) => (headers.length < 10 ? headers : headers.length))).toEqual([
    ["odd: "],
    ["__proto__: p", "constructor: c"],
    ["odd: 1,,2"],
    ["odd: \ufffd\ufffd\0"],
    [": odd"],
    100_000,
    [], // Larger than the topic takes.
  ]);
  expect(letters.map(({ value }) => value)).toEqual([...new Array(6).fill("rubbish"), null]);

  const next = sandbox.start("4_message_queue/worker.ts");
  await sandbox.send("tasks", [makeTasks(1)[0]?.value ?? ""]);
  await next.waitFor(ANSWERED);
  expect(await next.stop()).toMatchObject({ exitCode: 0, stderr: "" });
});

test("a client whose task was mangled on its way is told so, and its next question is answered", async () => {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  const client = sandbox.start("5_task_queue/client.ts");
  client.type("6,3,4,1");
  await eventually(async () => (await countMessages(sandbox, "tasks")) === 1);
  const [asked] = await sandbox.readAll("tasks");
  const { task_id } = JSON.parse(asked?.value ?? "");
  // No worker has seen the task yet, and none will: what stays in the topic is the same with a hole in it.
  await sandbox.send("tasks", [JSON.stringify({ task_id, X: { ...X, petal_length: null } })]);
  await sandbox.admin.deleteTopicRecords({
    topic: sandbox.topic("tasks"),
    partitions: [{ partition: 0, offset: "1" }],
  });
  sandbox.start("5_task_queue/worker.ts", ["--name", "worker-1"]);
  await client.waitFor(/refused/);
  client.type("5,2.5,4.1,2");
  await client.waitFor(/^<- \w{4} virginica, worker-1, /);
  client.endInput();
  expect(await client.exited).toMatchObject({
    exitCode: 1,
    stderr: `<- ${task_id.slice(0, 4)} refused: Expected petal_length to be ${A_LENGTH}, got null\n`,
  });
});
