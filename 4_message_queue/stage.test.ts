import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { countCommitted, eventually } from "../tests/support/kafka_state.ts";

let sandbox: KafkaSandbox;
let folder: string;
beforeAll(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  folder = mkdtempSync(join(tmpdir(), "iris-stage-4-"));
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

test("tasks wait while no worker runs; then each is answered and stored once, and history shows them", async () => {
  const db = join(folder, "predictions.db");
  const queued = await sandbox.run("4_message_queue/client.ts", [], {
    input: "6,3,4,1\nx\n5,2.5,4.1,2\nq\n",
  });
  expect(queued).toMatchObject({
    exitCode: 0,
    stdout: "Queued: partition 0, offset 0\nQueued: partition 0, offset 1\n",
    stderr: expect.stringMatching(/^Line 2 skipped: Expected sepal_length/),
  });
  const samples = await sandbox.run("4_message_queue/client.ts", ["--samples", "10"]);
  expect(samples.stdout).toContain("10 tasks queued");
  expect((await sandbox.readAll("tasks")).map(({ value }) => value)[0]).toBe(
    '{"sepal_length":6,"sepal_width":3,"petal_length":4,"petal_width":1}',
  );
  expect(await sandbox.readAll("results")).toEqual([]);

  const worker = sandbox.start("4_message_queue/worker.ts");
  await worker.waitFor(/^Answered partition 0, offset 11/);
  const persister = sandbox.start("4_message_queue/persister.ts", ["--db", db]);
  await eventually(async () => (await countCommitted(sandbox, "persister_group")) === 12);
  expect(await worker.stop()).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await persister.stop()).toMatchObject({ exitCode: 0, stderr: "" });

  const history = await sandbox.run("4_message_queue/history.ts", ["--db", db, "--json", "--limit", "20"]);
  const { counts, latest } = JSON.parse(history.stdout);
  expect(counts).toEqual([
    { species: "setosa", count: 4 },
    { species: "versicolor", count: 4 },
    { species: "virginica", count: 4 },
  ]);
  expect(latest.at(-1)).toMatchObject({ sepal_length: 6, petal_width: 1, iris_type: 1, task_id: null });
  const table = await sandbox.run("4_message_queue/history.ts", ["--db", db, "--limit", "1"]);
  expect(table.stdout).toMatch(
    /^│ 12 │ [\d.,]+ +│ (setosa|versicolor|virginica) +│ +│ \S+ +│ [\d-]+ [\d:]+ +│$/m,
  );
});
