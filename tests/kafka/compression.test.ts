/** What other clients send: every compression is read, and a batch that cannot be read stops nobody. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { installBatchReader } from "../../common/kafka/batch_reader.ts";
import { logDir } from "../../kafka/data_folder.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { ANSWERED, ownsPartitions, storedUpTo, TASK_DONE, TOLD } from "../../lab/harness/lines.ts";
import { countCommitted, countMessages, eventually, makeTasks, storedIds } from "../support/kafka_state.ts";
import { type OwnBroker, startOwnBroker } from "../support/own_broker.ts";
import { sendChanged } from "../support/raw_records.ts";

const crc32C = createRequire(import.meta.url)("kafkajs/src/protocol/recordBatch/crc32C");
const TOPIC = 2; // Among Kafka's kinds of resources.

installBatchReader(); // For the sandbox, which reads topics in this process.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-compression-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** From now on the broker, which is Java, compresses what comes to these topics. */
async function compressTopics({ admin, topic }: KafkaSandbox, compression: string): Promise<void> {
  const configEntries = [{ name: "compression.type", value: compression }];
  const resources = [topic("tasks"), topic("results")].map((name) => ({ type: TOPIC, name, configEntries }));
  await admin.alterConfigs({ validateOnly: false, resources });
}

/** A task with a long random id: many of them fill several blocks of any compression. */
function makeTask(): string {
  const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
  return JSON.stringify({ task_id: randomBytes(75).toString("base64"), X });
}

describe.each(["gzip", "snappy", "lz4", "zstd"])("%s", (compression) => {
  let sandbox: KafkaSandbox;
  beforeEach(async () => {
    sandbox = await openSandbox(inject("kafkaBrokers"));
  });
  afterEach(() => sandbox.close());

  test("workers, persister and client read it, in batches of many blocks and of one task", async () => {
    const db = join(folder, "predictions.db");
    await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "2"]);
    await compressTopics(sandbox, compression);
    const workers = ["4_message_queue/worker.ts", "5_task_queue/worker.ts"].map((file) =>
      sandbox.start(file),
    );
    await Promise.all(workers.map((worker) => ownsPartitions(worker, 1)));
    const many = Array.from({ length: 4000 }, makeTask);
    await sandbox.send("tasks", many);
    await eventually(async () => (await countMessages(sandbox, "results")) === many.length);
    for (const value of [makeTask(), makeTask()]) await sandbox.send("tasks", [value]);
    await workers[0]?.waitFor(ANSWERED);
    await workers[1]?.waitFor(TASK_DONE);

    const client = await sandbox.run("5_task_queue/client.ts", ["--samples", "3"]);
    expect(client).toMatchObject({ exitCode: 0, stderr: "" });
    const persister = sandbox.start("4_message_queue/persister.ts", ["--db", db]);
    await persister.waitFor(storedUpTo(many.length + 5 - 1));
    for (const program of [...workers, persister]) {
      expect(await program.stop()).toMatchObject({ exitCode: 0, stderr: "" });
    }
    const sent = many.map((value) => JSON.parse(value).task_id);
    expect(storedIds(db)).toEqual(expect.arrayContaining(sent));
  });
});

describe("what cannot be read", () => {
  let own: OwnBroker;
  let sandbox: KafkaSandbox;
  beforeEach(async () => {
    own = await startOwnBroker();
    sandbox = own.sandbox;
    await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  });
  afterEach(() => own.close());

  /**
   * Changes the batch that begins with this offset on the disk of the broker, which checks what it takes but
   * not what it gives. `isSealed` makes the checksum right again.
   */
  async function spoil(topic: "tasks" | "results", offset: number, isSealed: boolean): Promise<void> {
    await own.broker.stop();
    const folder = logDir(dirname(own.broker.logFile));
    const file = join(folder, `${sandbox.topic(topic)}-0`, "00000000000000000000.log");
    const log = readFileSync(file);
    let at = 0;
    while (Number(log.readBigInt64BE(at)) !== offset) at += 12 + log.readInt32BE(at + 8);
    const batch = log.subarray(at, at + 12 + log.readInt32BE(at + 8));
    batch.fill("rubbish", 61);
    if (isSealed) batch.writeUInt32BE(crc32C(batch.subarray(21)), 17);
    writeFileSync(file, log);
    await own.broker.restart();
  }

  test("is skipped by a worker, recorded with its offsets, and never met again", async () => {
    await compressTopics(sandbox, "zstd");
    const tasks = makeTasks(10).map(({ value }) => value);
    // Offsets 0 to 1, 2 to 4, 5, 6 to 9.
    for (const batch of [tasks.slice(0, 2), tasks.slice(2, 5), tasks.slice(5, 6), tasks.slice(6)])
      await sandbox.send("tasks", batch);
    await spoil("tasks", 2, true);
    await spoil("tasks", 5, false);

    const worker = sandbox.start("5_task_queue/worker.ts");
    await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === 10);
    const { exitCode, stderr } = await worker.stop();
    expect({ exitCode, lines: stderr.trimEnd().split("\n") }).toEqual({
      exitCode: 0,
      lines: [
        expect.stringMatching(/^Skipped partition 0, offsets 2 to 4: zstd data cannot be decompressed: ./),
        "Skipped partition 0, offset 5: the checksum is wrong",
      ],
    });
    const letters = await sandbox.readAll("tasks-dlt");
    const header = { "original-topic": sandbox.topic("tasks"), "original-partition": "0" };
    expect(letters.map(({ value, headers }) => ({ value, headers }))).toEqual([
      {
        value: null,
        headers: {
          ...header,
          "original-offset": "2",
          "original-last-offset": "4",
          reason: expect.stringMatching(/^zstd data cannot be decompressed/),
        },
      },
      {
        value: null,
        headers: {
          ...header,
          "original-offset": "5",
          "original-last-offset": "5",
          reason: "the checksum is wrong",
        },
      },
    ]);
    expect(await countMessages(sandbox, "results")).toBe(6);

    const restarted = sandbox.start("4_message_queue/worker.ts");
    await sandbox.send("tasks", tasks.slice(0, 1));
    await restarted.waitFor(/^Answered partition 0, offset 10/);
    expect(await restarted.stop()).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("at the end of a topic is skipped, and what comes then is answered", async () => {
    const [first, second] = makeTasks(2).map(({ value }) => value);
    await sandbox.send("tasks", [first ?? ""]);
    await spoil("tasks", 0, false);
    const worker = sandbox.start("4_message_queue/worker.ts");
    await worker.waitFor(/^Skipped partition 0, offset 0: the checksum is wrong$/);
    await sandbox.send("tasks", [second ?? ""]);
    await worker.waitFor(/^Answered partition 0, offset 1/);
  });

  test("is skipped by a persister", async () => {
    const db = join(folder, "predictions.db");
    const results = makeTasks(3).map(({ value }) => ({ ...JSON.parse(value), y: { iris_type: 1 } }));
    for (const result of results) await sandbox.send("results", [JSON.stringify(result)]);
    await spoil("results", 1, true);
    const line = /^Skipped partition 0, offset 1: the records cannot be read/;
    const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db]);
    await persister.waitFor(storedUpTo(2));
    expect((await persister.stop()).stderr).toMatch(line);
    expect(storedIds(db)).toEqual([results[0]?.task_id, results[2]?.task_id].sort());
  });

  test("is a batch of more than 64 MB: worker and client live, the next question is answered", async () => {
    const worker = sandbox.start("5_task_queue/worker.ts");
    const client = sandbox.start("5_task_queue/client.ts");
    client.type("6,3,4,1");
    await client.waitFor(TOLD);
    for (const topic of ["tasks", "results"] as const)
      await sendChanged(sandbox.kafka, sandbox.topic(topic), [{ value: Buffer.alloc(65 * 2 ** 20) }]);
    const answered = client.mark();
    client.type("5,2.5,4.1,2");
    await client.waitFor(TOLD, answered);
    client.endInput();
    const line = /^Skipped partition 0, offset 1: gzip data cannot be decompressed: .*67108864.*\n$/;
    expect(await client.exited).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(line) });
    expect(await worker.stop()).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(line) });
  });
});
