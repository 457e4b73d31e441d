/** `npm run kafka` as a person meets it: each test runs the program, on a port and in a folder of its own. */
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askOnce } from "../common/kafka/ask_once.ts";
import { type Program, ROOT, run, start } from "../lab/harness/programs.ts";
import { startBroker } from "./broker.ts";
import { logDir } from "./data_folder.ts";
import { ensureJars } from "./jars.ts";
import { isLocked } from "./lock.ts";
import { freePort, portAnswers } from "./ports.ts";

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
  await program.waitFor(/ answers on /);
  return program;
}

const createTopic = (topic: string) =>
  askOnce(`localhost:${port}`, (admin) => admin.createTopics({ topics: [{ topic }] }));
const topics = () => askOnce(`localhost:${port}`, (admin) => admin.listTopics());

/** The output with the places and numbers of the README's example. */
function neutral(output: string): string {
  return output
    .replaceAll(folder, ".cache/kafka/9092")
    .replaceAll(`${port}`, "9092")
    .replace(/pid \d+/g, "pid 4711")
    .replace(/[\d.]+ s\./, "2.3 s.");
}

async function promisedOutput(): Promise<string> {
  const readme = await readFile(join(ROOT, "kafka/README.md"), "utf8");
  return neutral(/^Starting Kafka .*?(?=\n```)/ms.exec(readme)?.[0] ?? "no such lines");
}

test("it says what the README promises, keeps topics over a stop, and --clean deletes them", async () => {
  const first = await startKafka();
  expect(neutral(first.lines.map(({ text }) => text).join("\n"))).toBe(await promisedOutput());
  await createTopic("kept");
  expect(await first.stop("SIGINT")).toMatchObject({ exitCode: 0, stderr: "" });

  const second = await startKafka();
  expect(await topics()).toContain("kept");
  expect(await second.stop("SIGTERM")).toMatchObject({ exitCode: 0, stderr: "" });

  await startKafka("--clean");
  expect(await topics()).not.toContain("kept");
});

test("any consumer group can be used at once, after a restart too: its coordinator is there", async () => {
  const groupIds = Array.from({ length: 9 }, (_, index) => `group-${index}`);
  const offsets = () =>
    askOnce(`localhost:${port}`, async (admin) => {
      await admin.describeCluster();
      return await Promise.all(groupIds.map((groupId) => admin.fetchOffsets({ groupId })));
    });
  const first = await startKafka();
  expect(await offsets()).toEqual(groupIds.map(() => []));
  await first.stop("SIGINT");
  await startKafka();
  expect(await offsets()).toEqual(groupIds.map(() => []));
});

test("a Kafka answers there already: nothing to do, and --clean is refused", async () => {
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

test("Java is missing: one line says so and names two ways without it, exit 1", async () => {
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
  await expect(ensureJars(() => {}, join(folder, "jars"))).rejects.toThrow(
    /^Apache Maven, .* was not found \(mvn\)\. Install it .* docker compose up -d/,
  );
});

/** As a person reads it in the second line, to play a power cut with it. */
async function brokerPid(launcher: Program): Promise<number> {
  const [, pid] = await launcher.waitFor(/^Starting the broker \(pid (\d+),/);
  return Number(pid);
}

async function portIsFree(): Promise<void> {
  while (await portAnswers(port)) await sleep(20);
}

test("a launcher killed with -9 does not leave its broker behind", async () => {
  const launcher = await startKafka();
  await launcher.kill();
  await portIsFree();
});

test.skipIf(process.platform === "win32")("the terminal is closed: the broker ends too", async () => {
  const launcher = await startKafka();
  process.kill(launcher.pid, "SIGHUP");
  expect(await launcher.exited).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await portAnswers(port)).toBe(false);
});

test.skipIf(process.platform === "win32")(
  "Ctrl-C while it starts: it ends, and so does the broker",
  async () => {
    const launcher = start("kafka/start.ts", args());
    programs.push(launcher);
    const pid = await brokerPid(launcher);
    expect(await launcher.stop("SIGINT")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  },
);

test("the broker is killed with -9: one line says so, exit 1, and the topics are there again", async () => {
  const launcher = await startKafka();
  await createTopic("kept");
  process.kill(await brokerPid(launcher), "SIGKILL");
  const { exitCode, stderr } = await launcher.exited;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^Kafka ended: killed by SIGKILL \(log: .*kafka\.log\)\n$/);
  await startKafka();
  expect(await topics()).toContain("kept");
});

test.each([[], ["--clean"]])(
  "a second broker in the same folder is refused and changes nothing %j",
  async (...more) => {
    await startKafka();
    await createTopic("kept");
    const settings = await readFile(join(folder, "server.properties"), "utf8");
    const second = await run("kafka/start.ts", [
      "--port",
      `${await freePort()}`,
      "--data-dir",
      folder,
      ...more,
    ]);
    expect(second).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^Another Kafka uses .*\n$/) });
    expect(await readFile(join(folder, "server.properties"), "utf8")).toBe(settings);
    expect(await topics()).toContain("kept");
  },
);

test("a broker that has lost its launcher still keeps the folder for itself", async () => {
  const broker = await startBroker({ port, dataDir: folder });
  // What is left when a launcher and its helper are killed: the lock of Kafka itself.
  const held = join(logDir(folder), ".lock");
  expect(isLocked(held)).toBe(true);
  await broker.stop();
  expect(isLocked(held)).toBe(false);
});

test("several brokers start in one folder at the same instant: one does", async () => {
  const ports = [port, await freePort(), await freePort(), await freePort()];
  const launchers = ports.map((own) => start("kafka/start.ts", ["--port", `${own}`, "--data-dir", folder]));
  programs.push(...launchers);
  const outcomes = await Promise.all(
    launchers.map((launcher) =>
      launcher.waitFor(/ answers on /).then(
        () => "answers",
        () => "ended",
      ),
    ),
  );
  expect(outcomes.sort()).toEqual(["answers", "ended", "ended", "ended"]);
});

test("a folder may have any name: blanks, signs, letters of any language, in the locale C too", async () => {
  const named = join(folder, " Zoë 鳶尾 #=:!%");
  const launcher = start("kafka/start.ts", ["--port", `${port}`, "--data-dir", named], {
    env: { LC_ALL: "C" },
  });
  programs.push(launcher);
  await launcher.waitFor(/ answers on /);
  expect(await readdir(named)).toContain("kafka-logs");
  expect(await readdir(folder)).toEqual([" Zoë 鳶尾 #=:!%"]);
});

test("Kafka does not get a port that it needs: its reason, exit 1", async () => {
  const controllerPort = await freePort();
  const other = createServer().listen(controllerPort, "127.0.0.1");
  await once(other, "listening");
  await expect(startBroker({ port, controllerPort, dataDir: folder })).rejects.toThrow(
    `Kafka ended while it started: Socket server failed to bind to localhost:${controllerPort}: Address`,
  );
  other.close();
});
