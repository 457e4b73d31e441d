/** The doctor and a Kafka that answers: members, lag and dead letters to the exact number, and nothing touched. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Partitioners } from "kafkajs";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { freePort } from "../../kafka/ports.ts";
import { startJava } from "../../tests/support/java.ts";
import { countCommitted, eventually, makeTasks } from "../../tests/support/kafka_state.ts";
import { type KafkaSandbox, openSandbox } from "../harness/kafka_sandbox.ts";
import { ROOT } from "../harness/programs.ts";

const SETUP = "npx tsx 5_task_queue/kafka_setup.ts";
const PAGE = "npm run gateway # each task, at http://localhost:8080";

let sandbox: KafkaSandbox;
let folder: string;
let env: Record<string, string>;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  folder = mkdtempSync(join(tmpdir(), "iris-doctor-"));
  const IRIS_MODEL = join(ROOT, "common", "model.json");
  env = { PORT: String(await freePort()), HOST: "127.0.0.1", IRIS_MODEL };
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const examine = (args: string[] = [], more: Record<string, string> = {}) =>
  sandbox.run("lab/doctor/doctor.ts", args, { env: { ...env, ...more } });

interface Report {
  checks: { name: string; ok: boolean; warning?: true; detail: string; fix?: string; see?: string }[];
  stages: Record<string, boolean>;
}

async function examineAsJson(more: Record<string, string> = {}) {
  const { stdout, stderr, exitCode } = await examine(["--json"], more);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  const { checks, stages }: Report = JSON.parse(stdout);
  expect(stages).toEqual({ 0: true, 1: true, 2: true, 3: true, 4: true, 5: true });
  const crosses = checks.flatMap(({ name, ok }) => (ok ? [] : name));
  return { checks, crosses, check: (name: string) => checks.find((check) => check.name === name) };
}

/** So many tasks straight into each of these partitions. */
async function sendTo(counts: Record<number, number>): Promise<void> {
  const producer = sandbox.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const messages = Object.entries(counts).flatMap(([partition, count]) =>
    makeTasks(count).map(({ value }) => ({ partition: Number(partition), value })),
  );
  await producer.send({ topic: sandbox.topic("tasks"), messages });
  await producer.disconnect();
}

const allCommitted = (group: "task_consumer_group" | "persister_group", count: number) =>
  eventually(async () => (await countCommitted(sandbox, group)) === count);

test("who is there, what each owns, what waits, and the dead letters", async () => {
  const { prefix } = sandbox;
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "4"]);
  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", join(folder, "predictions.db")]);
  const first = sandbox.start("5_task_queue/worker.ts", ["--name", "first"]);
  await Promise.all([first.waitFor(/\(4\)$/), persister.waitFor(/^Partitions of results: 0/)]);
  await sendTo({ 0: 2, 1: 3, 2: 1 });
  await sandbox.send("tasks", ["rubbish", "{}"]);
  await Promise.all([allCommitted("task_consumer_group", 8), allCommitted("persister_group", 6)]);
  await first.stop();

  // Two that sleep over their first task, so that all the rest, and that one too, waits.
  const workers = ["alpha", "beta"].map((name) =>
    sandbox.start("5_task_queue/worker.ts", ["--name", name, "--inference-time", "3600"]),
  );
  await Promise.all(workers.map((worker) => worker.waitFor(/\(2\)$/)));
  await sendTo({ 0: 3, 3: 2 });
  const { checks, crosses, check } = await examineAsJson();
  expect(checks.map(({ name }) => name)).toEqual([
    ...["node", "native module", "model", "server port", "java", "maven", "docker", "kafka port", "broker"],
    ...["topics", "workers", "persister", "tasks waiting", "results waiting", "dead letters"],
  ]);
  expect(check("topics")).toEqual({
    name: "topics",
    ok: true,
    detail: `${prefix}tasks 4 partitions, ${prefix}results 1 partition, ${prefix}tasks-dlt 1 partition`,
  });
  const [alphas, betas] = workers.map((worker) =>
    /(\d), (\d) \(2\)$/
      .exec(worker.lines.at(-1)?.text ?? "")
      ?.slice(1, 3)
      .join(", "),
  );
  expect([alphas, betas].sort()).toEqual(["0, 2", "1, 3"]);
  expect(check("workers")).toEqual({
    name: "workers",
    ok: true,
    detail: `2 in ${prefix}task_consumer_group: alpha (partitions ${alphas}), beta (partitions ${betas})`,
  });
  expect(check("persister")).toEqual({
    name: "persister",
    ok: true,
    detail: `1 in ${prefix}persister_group: persister:${persister.pid} (partition 0)`,
  });
  expect(check("tasks waiting")).toEqual({
    name: "tasks waiting",
    ok: true,
    detail: "5: 3 in partition 0, 2 in partition 3",
    see: PAGE,
  });
  expect(check("results waiting")).toEqual({ name: "results waiting", ok: true, detail: "none" });
  expect(check("dead letters")).toEqual({
    name: "dead letters",
    ok: true,
    warning: true,
    detail: `2 in ${prefix}tasks-dlt, which no worker could read: see why, and put them back`,
    fix: "npm run dead-letters",
  });
  expect(crosses).toEqual([]);
  const broker = inject("kafkaBrokers");
  const [, milliseconds] =
    new RegExp(`^${broker} answers after (\\d+) ms$`).exec(check("broker")?.detail ?? "") ?? [];
  expect(Number(milliseconds)).toBeGreaterThan(0);

  // The same for a person, with nothing on PATH: a Kafka that answers is all that is needed.
  const { stdout, stderr, exitCode } = await examine([], { PATH: folder, JAVA_HOME: "" });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout).toMatch(
    /^✓ java .*java was not found; not needed: a Kafka answers\n✓ maven .*\n✓ docker .*not needed: a Kafka answers\n/m,
  );
  expect(stdout).toContain(
    `\n✓ tasks waiting    5: 3 in partition 0, 2 in partition 3\n${" ".repeat(19)}see: ${PAGE}\n`,
  );
  expect(stdout.split("\n").find((line) => line.includes(PAGE))?.length).toBeLessThanOrEqual(80);
  expect(stdout).toMatch(
    /^! dead letters {5}2 in .*\n +next: npm run dead-letters\nStages 0 to 5 can run\.\n$/m,
  );
});

test("tasks and nobody who answers them, results and nobody who stores them: a warning each, and the command", async () => {
  await sandbox.run("4_message_queue/client.ts", ["--samples", "9"]);
  await sandbox.send("results", ["{}", "{}"]);
  // Nothing is committed yet, so what waits begins where the topic begins, and that need not be 0.
  const partitions = [{ partition: 0, offset: "4" }];
  await sandbox.admin.fetchTopicOffsets(sandbox.topic("tasks")); // kafkajs deletes only in topics that it knows.
  await sandbox.admin.deleteTopicRecords({ topic: sandbox.topic("tasks"), partitions });

  const { checks, crosses, check } = await examineAsJson();
  expect(crosses).toEqual([]);
  expect(checks.filter(({ warning }) => warning).map(({ name }) => name)).toEqual([
    "tasks waiting",
    "results waiting",
  ]);
  expect(check("tasks waiting")).toMatchObject({
    detail: "5, and no worker runs: their answers will not come (5 in partition 0)",
    fix: "npx tsx 5_task_queue/worker.ts",
    see: PAGE,
  });
  expect(check("results waiting")).toMatchObject({
    detail: "2, and no persister runs: they are not stored (2 in partition 0)",
    fix: "npx tsx 5_task_queue/persister.ts",
  });
  const group = `${sandbox.prefix}task_consumer_group`;
  expect(check("workers")).toMatchObject({
    ok: true,
    detail: `none in ${group}`,
    fix: "npx tsx 5_task_queue/worker.ts",
  });
  expect(check("topics")).toMatchObject({
    ok: true,
    detail: expect.stringMatching(
      /tasks 1 partition, .*, so one worker at a time, as in stage 4; stage 5 shares more$/,
    ),
    fix: SETUP,
  });
});

test("members that use the new consumer protocol are not taken for nobody, and a reset deletes nothing", async () => {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "2"]);
  const group = `${sandbox.prefix}task_consumer_group`;
  const args = [inject("kafkaBrokers"), group, sandbox.topic("tasks")];
  const member = await startJava("NewProtocolConsumer.java", args);
  try {
    await sandbox.send("tasks", ["{}"]);
    const { check } = await examineAsJson();
    expect(check("workers")?.detail).toBe(
      `some in ${group}, not listed: they use the new consumer protocol (KIP-848)`,
    );
    const reset = await sandbox.run("5_task_queue/kafka_setup.ts", ["--reset", "--yes"]);
    expect(reset).toMatchObject({
      exitCode: 1,
      stderr: `Still running in ${group}: stop the workers and the persister, then reset\n`,
    });
    expect((await sandbox.readAll("tasks")).map(({ value }) => value)).toEqual(["{}"]);
  } finally {
    await member.kill();
  }
});

test("a worker for whom no partition is left", async () => {
  const workers = ["alpha", "beta"].map((name) => sandbox.start("5_task_queue/worker.ts", ["--name", name]));
  await Promise.any(workers.map((worker) => worker.waitFor(/: none \(0\)$/)));
  const { check } = await examineAsJson();
  expect(
    check("workers")
      ?.detail.replace(/.*: /, "")
      .split(/, (?=beta)/)
      .map((member) => member.replace(/^\w+ /, ""))
      .sort(),
  ).toEqual(["(no partition)", "(partition 0)"]);
});

test("where nothing has run yet it finds nothing, and makes nothing", async () => {
  const { crosses, check } = await examineAsJson();
  expect(crosses).toEqual([]);
  const names = ["tasks", "results", "tasks-dlt"].map((name) => sandbox.prefix + name).join(", ");
  expect(check("topics")).toEqual({
    name: "topics",
    ok: true,
    detail: `${names} not there yet: every program makes them when it starts`,
    fix: SETUP,
  });
  expect(check("tasks waiting")).toEqual({ name: "tasks waiting", ok: true, detail: "none" });
  expect(check("dead letters")).toEqual({ name: "dead letters", ok: true, detail: "none" });

  const { groups } = await sandbox.admin.listGroups();
  const made = [...(await sandbox.admin.listTopics()), ...groups.map(({ groupId }) => groupId)];
  expect(made.filter((name) => name.startsWith(sandbox.prefix))).toEqual([]);
});
