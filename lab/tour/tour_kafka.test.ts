/** The tour is run as a newcomer runs it, and as nobody hopes to. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { run, start } from "../harness/programs.ts";

const TOUR = "lab/tour/tour.ts";
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "iris-tour-test-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function topicsOf(brokers: string): Promise<string[]> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = await admin.listTopics();
  await admin.disconnect();
  return topics;
}

/** Process ids that a demonstration has printed or that belong to it: those of its clients and workers. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("climbs all six stages, each claim holds, and no topic stays behind", async () => {
  const brokers = inject("kafkaBrokers");
  const { exitCode, stdout, stderr } = await run(TOUR, [], { env: { KAFKA_BROKERS: brokers } });
  expect(stderr).toBe("");
  expect(stdout).not.toContain("✗");
  expect(exitCode).toBe(0);
  for (const stage of [0, 1, 2, 3, 4, 5]) expect(stdout).toContain(`Stage ${stage}: `);
  expect(stdout).toContain("✓ 24 of 24 tasks are answered");
  expect(stdout).toContain("Who worked when in stage 5");
  const prefix = /topics begin with (\S+)/.exec(stdout)?.[1] ?? "none";
  expect(prefix).toMatch(/^demo-/);
  expect((await topicsOf(brokers)).filter((topic) => topic.startsWith(prefix))).toEqual([]);
});

test("interrupted in the middle of stage 5: 130, no process and no topic left", async () => {
  const brokers = inject("kafkaBrokers");
  const tour = start(TOUR, ["--stage", "5"], { env: { KAFKA_BROKERS: brokers } });
  const [, prefix = ""] = await tour.waitFor(/topics begin with (\S+)/);
  await tour.waitFor(/worker 1 +Task /);
  const { exitCode, stdout } = await tour.stop("SIGINT");
  expect(exitCode).toBe(130);
  expect(stdout).not.toContain("Unexpected error");
  expect((await topicsOf(brokers)).filter((topic) => topic.startsWith(prefix))).toEqual([]);
  expect(isAlive(tour.pid)).toBe(false);
});

describe("without a Kafka", () => {
  test("a dead KAFKA_BROKERS: stages 0 to 3 run, then one line says what is missing", async () => {
    const { exitCode, stdout, stderr } = await run(TOUR, [], { env: { KAFKA_BROKERS: "localhost:1" } });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("✓ the other was refused with 503");
    expect(stderr).toContain(
      "No Kafka answers at localhost:1: start one with npm run kafka or docker compose up -d",
    );
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("no Java, no Maven, no Docker on PATH: the three ways are named", async () => {
    const nodeAlone = join(folder, "node-alone");
    mkdirSync(nodeAlone);
    symlinkSync(process.execPath, join(nodeAlone, "node"));
    const env = { PATH: nodeAlone, JAVA_HOME: "", KAFKA_BROKERS: "" };
    const { exitCode, stderr } = await run(TOUR, ["--stage", "4"], { env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Kafka needs Java 17 or newer");
    for (const way of ["docker compose up -d", "npm run kafka", "KAFKA_BROKERS=host:port"])
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
  if (taken) expect(stdout).toContain("port 9092 is taken by something that is not Kafka");
});

test("one's own measurements: bad rows are named, the good ones are asked", async () => {
  const file = join(folder, "mine.csv");
  writeFileSync(file, "petal_width,petal_length,sepal_width,sepal_length\n0.2,1.4,3.5,5.1\n0.2,x,3.5,5.1\n");
  const { exitCode, stdout, stderr } = await run(TOUR, ["--stage", "1", "--file", file]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Iris type: 0 (setosa, 100 %)");
  expect(stderr).toContain(`${file}:3: Expected petal_length to be a number between 0 and 30 cm, got "x"`);
  const none = await run(TOUR, ["--file", join(folder, "none.csv")]);
  expect(none).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^Cannot read .*none\.csv: ENOENT\n$/),
  });
});

test("--pause waits for Enter before each stage", async () => {
  const tour = start(TOUR, ["--stage", "1", "--pause"]);
  tour.type("");
  expect(await tour.exited).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("Press Enter for stage 1"),
  });
});

test("--stage 6 is refused", async () => {
  expect(await run(TOUR, ["--stage", "6"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("Expected a whole number from 0 to 5."),
  });
});
