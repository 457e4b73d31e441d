/** `npm run kafka` as a person meets it: each test runs the program, on a port and in a folder of its own. */
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Program, run, start } from "../lab/harness/programs.ts";
import { ensureJars, KAFKA_VERSION } from "./jars.ts";
import { freePort, portAnswers } from "./ports.ts";
import { withAdmin } from "./readiness.ts";

let folder: string;
let port: number;
let programs: Program[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kafka-start-"));
  port = await freePort();
  programs = [];
});

afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  // The broker of a killed launcher may still be writing its last file.
  await rm(folder, { recursive: true, maxRetries: 20 });
  vi.unstubAllEnvs();
});

const args = (...more: string[]) => ["--port", `${port}`, "--data-dir", folder, ...more];

async function startKafka(...more: string[]): Promise<Program> {
  const program = start("kafka/start.ts", args(...more));
  programs.push(program);
  await program.waitFor(/Ctrl-C stops it/);
  return program;
}

const createTopic = (topic: string) =>
  withAdmin(`localhost:${port}`, (admin) => admin.createTopics({ topics: [{ topic }] }));
const topics = () => withAdmin(`localhost:${port}`, (admin) => admin.listTopics());

test("it says where it answers, keeps topics over a stop, and --clean forgets them", async () => {
  const first = await startKafka();
  const address = `Kafka ${KAFKA_VERSION} answers on localhost:${port} after `;
  expect(first.lines.map(({ text }) => text)).toEqual([expect.stringContaining(address)]);
  await createTopic("kept");
  expect(await first.stop("SIGINT")).toMatchObject({ exitCode: 0, stderr: "" });

  const second = await startKafka();
  expect(await topics()).toContain("kept");
  expect(await second.stop("SIGTERM")).toMatchObject({ exitCode: 0, stderr: "" });

  await startKafka("--clean");
  expect(await topics()).not.toContain("kept");
});

test("a consumer group can be used at once: its coordinator is there", async () => {
  await startKafka();
  const groups = withAdmin(`localhost:${port}`, async (admin) => {
    await admin.describeCluster();
    return await admin.fetchOffsets({ groupId: "the first one" });
  });
  expect(await groups).toEqual([]);
});

test("where a Kafka answers already there is nothing to do, and nothing to clean", async () => {
  await startKafka();
  expect(await run("kafka/start.ts", args())).toMatchObject({
    exitCode: 0,
    stdout: `Kafka already answers on localhost:${port}: nothing to do.\n`,
  });
  expect(await run("kafka/start.ts", args("--clean"))).toMatchObject({
    exitCode: 1,
    stderr: `Kafka already answers on localhost:${port}: stop it before --clean.\n`,
  });
});

test.each([0, 1])("port + %i is used by another program: one line, exit 1", async (offset) => {
  const silent = createServer().listen(port + offset, "127.0.0.1");
  await once(silent, "listening");
  expect(await run("kafka/start.ts", args())).toMatchObject({
    exitCode: 1,
    stderr: `Port ${port + offset} is used by another program. Choose others: npm run kafka -- --port 9192\n`,
  });
  silent.close();
});

test.each(["abc", "0", "65535", "9092.5", ""])(
  "--port %j is wrong usage: one line, exit 2",
  async (value) => {
    const { exitCode, stderr } = await run("kafka/start.ts", ["--port", value]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: option '--port <n>' .*from 1 to 65534\. --help shows how\.\n$/);
  },
);

test("--help has an example", async () => {
  const { exitCode, stdout } = await run("kafka/start.ts", ["--help"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("npm run kafka -- --port 9192 --clean");
});

test("Kafka dies while it starts: its reason and its log in one line, exit 1", async () => {
  await mkdir(join(folder, "kafka-logs"));
  await writeFile(
    join(folder, "kafka-logs", "meta.properties"),
    "version=1\ncluster.id=another\nnode.id=7\n",
  );
  const { exitCode, stderr } = await run("kafka/start.ts", args());
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^Kafka ended while it started: .*node ?id.* \(log: .*kafka\.log\)\n$/i);
});

test("Java is missing: what is missing and the other two ways in one line, exit 1", async () => {
  const { exitCode, stderr } = await run("kafka/start.ts", args(), { env: { PATH: folder, JAVA_HOME: "" } });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^Kafka needs Java 17 or newer, .*docker compose up -d.*KAFKA_BROKERS=host:port.*\n$/,
  );
});

test.skipIf(process.platform === "win32")("Java is too old: one line, exit 1", async () => {
  await writeFile(join(folder, "java"), `#!/bin/sh\necho 'openjdk version "11.0.2" 2019-01-15' >&2\n`);
  await chmod(join(folder, "java"), 0o755);
  const { exitCode, stderr } = await run("kafka/start.ts", args(), { env: { PATH: folder, JAVA_HOME: "" } });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^Kafka needs Java 17 or newer, and java is Java 11\.0\.2\. .*docker compose up -d/);
});

test("Maven is missing when the jars are needed: one line", async () => {
  vi.stubEnv("PATH", folder);
  await expect(ensureJars(join(folder, "jars"))).rejects.toThrow(
    /^Apache Maven, .* was not found \(mvn\)\. Two ways/,
  );
});

test("a launcher killed with -9 does not leave its broker behind", async () => {
  const launcher = await startKafka();
  await launcher.kill();
  while (await portAnswers(port)) await sleep(20);
});
