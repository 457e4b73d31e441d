/** The tour is run as a newcomer runs it, and as nobody hopes to. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { portAnswers } from "../../kafka/ports.ts";
import { CTRL_C, HAS_TERMINAL, runOnTerminal } from "../../tests/support/terminal.ts";
import { isAlive } from "../harness/owner.ts";
import { run, start } from "../harness/programs.ts";

const TOUR = "lab/tour/tour.ts";
const PREFIX = /Topics begin\s+with\s+(\S+)/;
let folder: string;
let env: Record<string, string>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-own-"));
  env = { KAFKA_BROKERS: inject("kafkaBrokers") };
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Topics and groups of the shared Kafka whose names contain this. */
async function leftInKafka(part: string): Promise<string[]> {
  const brokers = inject("kafkaBrokers").split(",");
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
  await admin.disconnect();
  return [...topics, ...groups.map(({ groupId }) => groupId)].filter((name) => name.includes(part));
}

const foldersOf = (pid: number) => readdirSync(tmpdir()).filter((name) => name.includes(`-${pid}-`));

test("climbs all six stages, each claim holds, and nothing stays behind", async () => {
  const { exitCode, stdout, stderr } = await run(TOUR, [], { env });
  expect(stderr).toBe("");
  expect(stdout).not.toContain("✗");
  expect(exitCode).toBe(0);
  for (const stage of [0, 1, 2, 3, 4, 5]) expect(stdout).toContain(`Stage ${stage}: `);
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  const [, prefix = "none"] = PREFIX.exec(stdout) ?? [];
  expect(prefix).toMatch(/^demo-/);
  expect(await leftInKafka(prefix)).toEqual([]);

  // The id of a task can be followed from the client to a worker and back.
  const [, id] = /client-1 +-> (\S+)/.exec(stdout) ?? [];
  expect(stdout).toMatch(new RegExp(`worker-1 +${id} \\w+, partition`));
  expect(stdout).toMatch(new RegExp(`client-1 +<- ${id} \\w+, worker-1`));
  // The last screen: each question is a mark, and a kill loses none.
  expect(stdout).toMatch(/3 server +●●●×{21} /);
  expect(stdout).toMatch(/4 queue +○{24} /);
  expect(stdout).toMatch(/5 task queue +●{24} /);
  expect(stdout).toMatch(/5, one killed +●{24} /);
});

describe.skipIf(process.platform === "win32")("on a Kafka that others use too", () => {
  test.each([
    ["SIGTERM", "4", /Topics begin/],
    ["SIGINT", "4", /client +Queued/],
    ["SIGHUP", "4", /worker-1 +Answered|Answered partition/],
    ["SIGINT", "5", /setup +\$/],
    ["SIGHUP", "5", /client-1 +->/],
    ["SIGTERM", "5", /worker-3 +\$/],
    ["SIGINT", "5", /kill -9/],
  ] as const)("%s in stage %s at %s: one line, and nothing is left", async (signal, stage, event) => {
    const tour = start(TOUR, ["--stage", stage], { env });
    await tour.waitForLine((text) => event.test(text), `that matches ${event}`);
    const { exitCode, stdout, stderr } = await tour.stop(signal);
    expect(stderr).toBe("Interrupted: cleaning up\n");
    expect(exitCode).toBe(130);
    expect(stdout).not.toMatch(/✗|Try next/);
    expect(await leftInKafka(`-${tour.pid}-`)).toEqual([]);
    expect(foldersOf(tour.pid)).toEqual([]);
    for (const [, pid] of stdout.matchAll(/\(pid (\d+)/g)) expect(isAlive(Number(pid))).toBe(false);
  });

  test("what a crash left is removed by the next run, and what belongs to others is not", async () => {
    const crashed = start(TOUR, ["--stage", "5"], { env });
    await crashed.waitFor(/worker-1 +\S+ \w+, partition/);
    const running = start("lab/demos/demo_balance.ts", ["--tasks", "1000"], { env });
    await running.waitFor(/client-1 +<-/);
    await crashed.kill();
    expect(await leftInKafka(`-${crashed.pid}-`)).not.toEqual([]);
    const next = await run("lab/demos/demo_queue.ts", ["--tasks", "2", "--inference-time", "0"], { env });
    expect(next.exitCode).toBe(0);
    expect(next.stdout).toContain("Removed what");
    expect(await leftInKafka(`-${crashed.pid}-`)).toEqual([]);
    expect(foldersOf(crashed.pid)).toEqual([]);
    expect(await leftInKafka(`-${running.pid}-`)).not.toEqual([]);
    expect(foldersOf(running.pid)).toHaveLength(1);
    await running.stop("SIGINT");
  });
});

test.skipIf(!HAS_TERMINAL)(
  "Ctrl-C while it starts a Kafka of its own: one line, and nothing is left",
  async () => {
    // On a machine with a Kafka on the usual port it would use that one.
    if (await portAnswers(9092)) return;
    const TMPDIR = mkdtempSync(join(folder, "tmp-"));
    const argv = [process.execPath, "--import", "tsx", TOUR, "--stage", "4"];
    for (const event of ["from the jars", "worker-1"]) {
      const own = { KAFKA_BROKERS: "", TMPDIR };
      const { exitCode, text } = await runOnTerminal(argv, [[event, CTRL_C]], own, 80);
      // A line that was being printed when the key was pressed may stand before it.
      expect(text).toMatch(/Interrupted: cleaning up$/);
      expect(exitCode).toBe(130);
      expect(readdirSync(TMPDIR).filter((name) => name.startsWith("iris-"))).toEqual([]);
    }
  },
);

describe("without a Kafka", () => {
  test("a dead KAFKA_BROKERS: stages 0 to 3 run, then one line says what is missing", async () => {
    const { exitCode, stdout, stderr } = await run(TOUR, [], { env: { KAFKA_BROKERS: "localhost:1" } });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("✓ the other was refused with 503");
    expect(stdout).toContain("A claim did not hold in stage 4, 5");
    expect(stderr).toContain("No Kafka answers at localhost:1");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("no Java, no Maven, no Docker on PATH: the ways to a Kafka are named", async () => {
    const nodeAlone = join(folder, "node-alone");
    mkdirSync(nodeAlone);
    symlinkSync(process.execPath, join(nodeAlone, "node"));
    const missing = { PATH: nodeAlone, JAVA_HOME: "", KAFKA_BROKERS: "" };
    const { exitCode, stderr } = await run(TOUR, ["--stage", "4"], { env: missing });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Kafka needs Java 17 or newer");
    for (const way of ["https://adoptium.net", "docker compose up -d", "KAFKA_BROKERS=host:port"])
      expect(stderr).toContain(way);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

test("port 9092 taken by something that is not Kafka: the jars' Kafka takes another", async () => {
  const silent = createServer().listen(9092, "localhost");
  const taken = await new Promise<boolean>((resolve) => {
    silent.once("listening", () => resolve(true));
    // Some program of this machine has it: if that is a Kafka, there is nothing to show here.
    silent.once("error", () => resolve(false));
  });
  const { exitCode, stdout } = await run(TOUR, ["--stage", "4"], { env: { KAFKA_BROKERS: "" } });
  silent.close();
  expect(exitCode).toBe(0);
  if (taken)
    expect(stdout.replace(/\s+/g, " ")).toContain("port 9092 is taken by something that is not Kafka");
});
