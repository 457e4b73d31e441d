/** The application's persister: of two records for a task the first is stored, whatever kind they are. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../common/sqlite.ts";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { run } from "../lab/harness/programs.ts";
import { countCommitted, eventually, makeTasks, storedIds } from "../tests/support/kafka_state.ts";
import { formatCancelled } from "./task_events.ts";

let sandbox: KafkaSandbox;
let folder: string;
let db: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "iris-persister-"));
  db = join(folder, "predictions.db");
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const start = () => sandbox.start("application/persister.ts", ["--db", db]);
const committed = () => countCommitted(sandbox, "persister_group");

function failedIds(): unknown[] {
  const database = openDatabase(db, { readOnly: true });
  try {
    return database.prepare("SELECT task_id, code FROM iris_failure ORDER BY id").all();
  } finally {
    database.close();
  }
}

test("a late answer is not stored, nor a late cancellation: in one batch, after kill -9, and read again", async () => {
  const results = makeTasks(4).map(({ id, value }) => ({
    id,
    answer: JSON.stringify({ ...JSON.parse(value), y: { iris_type: 1 } }),
    cancelled: formatCancelled(id, "cancelled"),
  }));
  const [a, b, c, d] = results as [
    (typeof results)[0],
    (typeof results)[0],
    (typeof results)[0],
    (typeof results)[0],
  ];
  const first = start();
  await first.waitFor(/^Partitions of results: 0/);
  // In one request, so that the persister meets them in one batch.
  await sandbox.send("results", [a.answer, b.cancelled, a.cancelled, b.answer, c.answer, d.cancelled]);
  await eventually(async () => (await committed()) === 6);
  await first.kill();
  await sandbox.send("results", [c.cancelled, d.answer]);
  const second = start();
  await eventually(async () => (await committed()) === 8);
  const check = () => {
    expect(storedIds(db)).toEqual([a.id, c.id].sort());
    expect(failedIds()).toEqual([
      { task_id: b.id, code: "CANCELLED" },
      { task_id: d.id, code: "CANCELLED" },
    ]);
  };
  check();
  expect(await second.stop()).toMatchObject({ exitCode: 0, stderr: "" });

  // A new database is filled from the beginning, and says the same.
  rmSync(db);
  const third = start();
  await third.waitFor(/up to offset 7$/);
  check();
  await third.stop();
});

test("it is used as the stages' is", async () => {
  const { stdout } = await run("application/persister.ts", ["--help"]);
  const { stdout: stage } = await run("5_task_queue/persister.ts", ["--help"]);
  expect(stdout).toBe(stage.replaceAll("5_task_queue", "application"));
});
