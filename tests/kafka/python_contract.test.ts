/** The wire is a contract: programs in another language, by another library, take part on the same topics. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../../common/sqlite.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { ROOT } from "../../lab/harness/programs.ts";
import { countCommitted, countMessages, eventually } from "../support/kafka_state.ts";
import { pythonWithKafka } from "../support/python.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const python = await pythonWithKafka();

let sandbox: KafkaSandbox;
beforeEach(async ({ skip }) => {
  if (python === undefined) skip("needs Python 3.8 or newer as python3");
  sandbox = await openSandbox(inject("kafkaBrokers"));
  await sandbox.run("5_task_queue/kafka_setup.ts");
});
afterEach(() => sandbox?.close());

/** A program of tests/python on the sandbox. */
function startPython(file: string, args: string[] = []) {
  return execa(python ?? "python3", [join("tests", "python", file), ...args], {
    cwd: ROOT,
    env: sandbox.env,
    reject: false,
  });
}

test.each(["4_message_queue", "5_task_queue"])(
  "a Python client is answered by %s/worker.ts",
  async (stage) => {
    const worker = sandbox.start(`${stage}/worker.ts`);
    await worker.waitFor(/artitions.*: 0/);
    const flowers = ["5.1,3.5,1.4,0.2", "6,3,4,1", "6.3,3.3,6,2.5"];
    const { exitCode, stdout, stderr } = await startPython("client.py", flowers);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const results = stdout.split("\n").map((line) => JSON.parse(line));
    expect(results.sort((a, b) => a.y.iris_type - b.y.iris_type)).toEqual(
      [
        { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 },
        { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 },
        { sepal_length: 6.3, sepal_width: 3.3, petal_length: 6, petal_width: 2.5 },
      ].map((X, iris_type) =>
        expect.objectContaining({
          task_id: expect.stringMatching(UUID),
          X,
          y: { iris_type },
        }),
      ),
    );
  },
);

test("our client and persister work with a Python worker that answers with iris_type alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "iris-python-"));
  const db = join(folder, "predictions.db");
  const worker = startPython("worker.py");
  try {
    const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db]);
    const input = "5.1,3.5,1.4,0.2\n6,3,4,1\n6.3,3.3,6,2.5\n";
    const asked = await sandbox.run("5_task_queue/client.ts", [], { input });
    expect(asked).toMatchObject({ exitCode: 0, stderr: "" });
    const answers = [...asked.stdout.matchAll(/^<- \w{4} (\w+), a worker, \d+ ms$/gm)];
    expect(answers.map(([, species]) => species).sort()).toEqual(["setosa", "versicolor", "virginica"]);
    const samples = await sandbox.run("5_task_queue/client.ts", ["--samples", "9"]);
    expect(samples).toMatchObject({ exitCode: 0, stderr: "" });
    expect(samples.stdout).toMatch(/^9 of 9 answered in /);
    expect(samples.stdout).toMatch(/^│ unnamed │ 9 +│ +│$/m);

    await eventually(async () => (await countCommitted(sandbox, "persister_group")) === 12);
    expect(await persister.stop()).toMatchObject({ exitCode: 0, stderr: "" });
    const database = openDatabase(db, { readOnly: true });
    const rows = database.prepare(
      "SELECT iris_type, species, worker FROM iris_prediction WHERE sepal_length = 6.3 LIMIT 1",
    );
    expect(rows.all()).toEqual([{ iris_type: 2, species: "virginica", worker: null }]);
    const ids = database.prepare("SELECT count(DISTINCT task_id) AS count FROM iris_prediction");
    expect(ids.get()).toEqual({ count: 12 });
    database.close();
    await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === 12);
  } finally {
    worker.kill("SIGKILL");
    await worker;
    rmSync(folder, { recursive: true });
  }
});

test("a Python persister that refuses unknown names reads what our workers answer, and passes over failures", async () => {
  const workers = ["4_message_queue/worker.ts", "5_task_queue/worker.ts"];
  for (const [index, file] of workers.entries()) {
    const worker = sandbox.start(file);
    await worker.waitFor(/^Partitions of tasks: 0/);
    const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
    // As stage 4's client sends it, as stage 5's does, without an id, and one that cannot be answered.
    const tasks = [X, { task_id: `id-${index}`, X }, { X }, { task_id: `bad-${index}`, X: {} }];
    await sandbox.send(
      "tasks",
      tasks.map((task) => JSON.stringify(task)),
    );
    await eventually(async () => (await countMessages(sandbox, "results")) === 4 * (index + 1));
    await worker.stop();
  }
  const { exitCode, stdout, stderr } = await startPython("persister.py");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const rows = stdout.split("\n").map((line) => JSON.parse(line));
  const flower = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1, iris_type: 1 };
  expect(rows).toHaveLength(6);
  for (const row of rows) expect(row).toMatchObject(flower);
  const ids = rows.map(({ task_id }) => task_id).filter((id) => id !== null);
  expect(ids.sort()).toEqual(["id-0", "id-1"]);
});
