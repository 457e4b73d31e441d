/** Rubbish in results, where every client and the persister read what anyone may write. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../lab/harness/lines.ts";
import { countCommitted, countMessages, eventually, storedIds } from "../tests/support/kafka_state.ts";

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

/** What other hands may write to `results`. */
const BAD_RESULTS = [
  null,
  "",
  "rubbish",
  "null",
  "[]",
  "{}",
  '{"y":{"iris_type":3}}',
  '{"task_id":5,"y":{"iris_type":1}}',
  '{"task_id":"a","error":"no object"}',
  "x".repeat(1_048_000),
  "[".repeat(500_000) + "]".repeat(500_000),
];
/** Results for a client, but not for the database: there is no flower in them. */
const NOT_FOR_THE_TABLE = [
  '{"task_id":"b","y":{"iris_type":1}}',
  '{"task_id":"c","X":[],"y":{"iris_type":1}}',
];

test.each(["4_message_queue", "5_task_queue"])(
  "rubbish in results disturbs neither the client nor the persister of %s",
  async (stage) => {
    const folder = mkdtempSync(join(tmpdir(), "iris-rubbish-"));
    const db = join(folder, "predictions.db");
    const persister = sandbox.start(`${stage}/persister.ts`, ["--db", db]);
    await ownsPartitions(persister, 1);
    const client = sandbox.start("5_task_queue/client.ts");
    client.type("6,3,4,1");
    await eventually(async () => (await countMessages(sandbox, "tasks")) === 1);
    const rubbish = [...BAD_RESULTS, ...NOT_FOR_THE_TABLE];
    for (const value of rubbish) await sandbox.send("results", [value]);
    sandbox.start("5_task_queue/worker.ts");
    await client.waitFor(/^<- \w{4} versicolor, /);
    client.endInput();
    expect(await client.exited).toMatchObject({ exitCode: 0, stderr: "" });

    await eventually(async () => (await countCommitted(sandbox, "persister_group")) === rubbish.length + 1);
    const { exitCode, stderr } = await persister.stop();
    expect(exitCode).toBe(0);
    const skipped = stderr.trimEnd().split("\n");
    expect(skipped).toHaveLength(rubbish.length);
    for (const [offset, line] of skipped.entries()) {
      expect(line).toMatch(new RegExp(`^Skipped partition 0, offset ${offset}: Expected .{1,180}$`));
    }
    const [task] = await sandbox.readAll("tasks");
    expect(storedIds(db)).toEqual([JSON.parse(task?.value ?? "").task_id]);
    rmSync(folder, { recursive: true });
  },
);
