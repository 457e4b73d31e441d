/** Many questions at once: a number of samples, or the rows of a file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../lab/harness/lines.ts";
import { clientGroups } from "../tests/support/kafka_state.ts";

const CLIENT = "5_task_queue/client.ts";
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

let sandbox: KafkaSandbox;
let folder: string;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  folder = mkdtempSync(join(tmpdir(), "iris-client-"));
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

function startWorker(name: string) {
  return sandbox.start("5_task_queue/worker.ts", ["--name", name]);
}

test("--samples shows the answers per worker, and a row a worker with a block a task", async () => {
  await sandbox.run("5_task_queue/kafka_setup.ts");
  const workers = ["worker-1", "worker-2", "worker-3"].map(startWorker);
  await Promise.all(workers.map((worker) => ownsPartitions(worker, 4)));
  const { exitCode, stdout, stderr } = await sandbox.run(CLIENT, ["--samples", "24"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const lines = stdout.split("\n");
  expect(lines[0]).toMatch(/^24 of 24 answered in \d+\.\d s$/);
  expect(lines[2]).toMatch(/^│ worker +│ answers │ partitions +│$/);
  for (const [index, row] of [lines[4], lines[6], lines[8]].entries()) {
    expect(row).toMatch(new RegExp(`^│ worker-${index + 1} │ 8 +│ \\d+, \\d+, \\d+, \\d+ +│$`));
  }
  const timeline = lines.slice(10);
  for (const [index, row] of timeline.slice(0, 3).entries()) {
    expect(row).toMatch(new RegExp(`^worker-${index + 1} [█▓·]+ +8$`));
    expect(row).toMatch(/[█▓]/);
  }
  expect(timeline[3]).toMatch(/^ {8} +0 s +\d+\.\d s tasks$/);
  expect(timeline.slice(4)).toEqual([""]);
  expect(lines.every((line) => line.length <= 80)).toBe(true);
});

test("--samples without a worker names what went without an answer", async () => {
  const { exitCode, stdout, stderr } = await sandbox.run(CLIENT, ["--samples", "12", "--timeout", "0.5"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^0 of 12 answered in /);
  const lines = stderr.trimEnd().split("\n");
  expect(lines).toHaveLength(11);
  for (const line of lines.slice(0, 10))
    expect(line).toMatch(new RegExp(`^Task ${UUID}: no answer in time$`));
  expect(lines[10]).toBe("12 tasks went without an answer: is a worker running? npm run doctor");
  expect(await clientGroups(sandbox)).toEqual([]);
});

test("--file: bad rows are named and the rest is done; the results are in the order of the rows", async () => {
  await sandbox.run("5_task_queue/kafka_setup.ts");
  const workers = [startWorker("worker-1"), startWorker("worker-2")];
  await Promise.all(workers.map((worker) => ownsPartitions(worker, 6)));
  const file = join(folder, "tasks.csv");
  const out = join(folder, "results.csv");
  const good = Array.from({ length: 30 }, (_, index) => `${5 + index / 10},3,4,1`);
  const rows = [...good.slice(0, 10), "6,3,,1", ...good.slice(10, 20), "6,3,4,99", ...good.slice(20)];
  writeFileSync(file, `sepal_length,sepal_width,petal_length,petal_width\n${rows.join("\n")}\n`);
  const { exitCode, stdout, stderr } = await sandbox.run(CLIENT, ["--file", file, "--out", out]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr:
      `${file}:12: Expected petal_length to be a number between 0 and 30 cm, got ""\n` +
      `${file}:23: Expected petal_width to be a number between 0 and 30 cm, got 99\n`,
  });
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^30 of 30 answered in \d+\.\d s$/);
  expect(lines.at(-1)).toBe(`Written: ${out}`);

  const [header, ...written] = readFileSync(out, "utf8").trimEnd().split("\n");
  expect(header).toBe(
    "line,sepal_length,sepal_width,petal_length,petal_width,iris_type,species,task_id,worker",
  );
  const expected = rows.flatMap((row, index) => (good.includes(row) ? [`${index + 2},${row}`] : []));
  expect(written.map((row) => row.split(",").slice(0, 5).join(","))).toEqual(expected);
  for (const row of written) {
    expect(row).toMatch(new RegExp(`,(0,setosa|1,versicolor|2,virginica),${UUID},worker-[12]$`));
  }
});

test("a file that cannot be read or written is one line, and the client's group is deleted all the same", async () => {
  const nowhere = join(folder, "nowhere", "file.csv");
  const unread = await sandbox.run(CLIENT, ["--file", nowhere, "--out", join(folder, "out.csv")]);
  expect(unread).toMatchObject({ exitCode: 1, stderr: `Cannot read ${nowhere}: ENOENT\n` });

  startWorker("worker-1");
  const file = join(folder, "tasks.csv");
  writeFileSync(file, "sepal_length,sepal_width,petal_length,petal_width\n6,3,4,1\n");
  const unwritten = await sandbox.run(CLIENT, ["--file", file, "--out", nowhere]);
  const advice = `Cannot write ${nowhere} (ENOENT): choose another --out\n`;
  expect(unwritten).toMatchObject({ exitCode: 1, stderr: advice });
  expect(await clientGroups(sandbox)).toEqual([]);
});

test("more tasks than fit into one batch of a partition are split, sent and answered", async () => {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  const queued = await sandbox.run("4_message_queue/client.ts", ["--samples", "20000"]);
  expect(queued).toMatchObject({ exitCode: 0, stderr: "" });
  expect(queued.stdout).toBe("Queued: partition 0, from offset 0\n20000 tasks queued\n");
  sandbox.start("5_task_queue/worker.ts", ["--quiet"]);

  const [file, out] = [join(folder, "many.csv"), join(folder, "answers.csv")];
  const rows = Array.from({ length: 12_000 }, (_, index) => `${(1 + index / 1000).toFixed(3)},3,4,1`);
  writeFileSync(file, `sepal_length,sepal_width,petal_length,petal_width\n${rows.join("\n")}\n`);
  const args = ["--file", file, "--out", out, "--timeout", "600"];
  const asked = await sandbox.run(CLIENT, args);
  expect({ exitCode: asked.exitCode, stderr: asked.stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(asked.stdout).toMatch(/^12000 of 12000 answered in /);
  const [, ...written] = readFileSync(out, "utf8").trimEnd().split("\n");
  expect(written.map((row) => Number(row.split(",")[1]))).toEqual(
    rows.map((row) => Number(row.split(",")[0])),
  );
});
