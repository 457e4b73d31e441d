/** `npm run app` where no Kafka answers: it starts one that keeps its data, and ends it last. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { USUAL_BROKERS } from "../kafka/find_kafka.ts";
import { freePort, portAnswers } from "../kafka/ports.ts";
import { kafkaAnswers } from "../kafka/readiness.ts";
import { isAlive } from "../lab/harness/owner.ts";
import { type Program, ROOT, start } from "../lab/harness/programs.ts";
import { FLOWER, get, hasEnded, json, opens, pidOf, post, ROLES } from "../tests/support/application.ts";
import { eventually } from "../tests/support/kafka_state.ts";
import { CTRL_C, HAS_TERMINAL, runOnTerminal } from "../tests/support/terminal.ts";

const APP = "application/app.ts";
const OWN = /^Kafka +its own jars, on localhost:(\d+) \(pid (\d+)\)$/;

let folder: string;
let data: string;
let port: number;
let programs: Program[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "iris-app-"));
  data = join(folder, "data");
  port = await freePort();
  programs = [];
});
afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  rmSync(folder, { recursive: true, maxRetries: 20 });
});

// It is asked first: where it answers, no other is started, and there is nothing to test.
const hasUsualKafka = await kafkaAnswers(USUAL_BROKERS);
const kafkaTest = test.skipIf(hasUsualKafka || process.platform === "win32");

const args = () => ["--port", "0", "--kafka-port", String(port), "--data", data];

function startProgram(file: string, argv: string[]): Program {
  const program = start(file, argv, { env: { KAFKA_BROKERS: "" } });
  programs.push(program);
  return program;
}

const startApp = () => startProgram(APP, args());

async function kafkaOf(app: Program): Promise<{ port: number; pid: number }> {
  const [, found, pid] = await app.waitFor(OWN);
  return { port: Number(found), pid: Number(pid) };
}

/** Resolves when so many are answered and stored: the one is a little later than the other. */
async function answeredAndStored(url: string, expected: number): Promise<void> {
  await eventually(async () => {
    const { answered, stored } = (await get(`${url}/queue`)).totals;
    return answered === expected && stored === expected;
  });
}

/** A line with the places and numbers of the README's example. */
function neutral(line: string, url = "http://localhost:8080"): string {
  return line
    .replace(join(data, "kafka"), ".cache/kafka/9092")
    .replace(url, "http://localhost:8080")
    .replace(`localhost:${port}`, "localhost:9092")
    .replace(/pid \d+/, "pid 4711");
}

/** What the README shows of a start, without the download that is done only once. */
function promisedLines(): string[] {
  const readme = readFileSync(join(ROOT, "application/README.md"), "utf8");
  const block = /^\$ npm run app\n(.*?)\n```$/ms.exec(readme)?.[1] ?? "no such lines";
  return block
    .split("\n")
    .filter((line) => !line.includes("Downloading"))
    .map((line) => neutral(line));
}

kafkaTest("Ctrl-C ends Kafka last; the next start shows what was there before", async () => {
  const app = startApp();
  const kafka = await kafkaOf(app);
  expect(kafka.port).toBe(port);
  const url = await opens(app);
  // On the usual port nobody needs this.
  const reach = `Kafka      other terminals reach it with KAFKA_BROKERS=localhost:${port}`;
  const printed = app.lines.map(({ text }) => text);
  expect(printed).toContain(reach);
  const shown = printed.filter((line) => line !== reach).map((line) => neutral(line, url));
  // The order in which the roles are ready is chance.
  expect(shown.sort()).toEqual(promisedLines().sort());
  const { task_id, status } = await json(await post(`${url}/tasks`, FLOWER));
  expect(status).toBe("SUCCESS");
  // It is started again, with what it holds, when it dies.
  const mark = app.mark();
  process.kill(kafka.pid, "SIGKILL");
  await app.waitFor(/^Kafka +killed by SIGKILL; it is started again in 0.5 s$/, mark);
  await app.waitFor(/^Kafka +answers again on localhost:\d+ \(pid \d+\)$/, mark);
  await eventually(async () => (await fetch(`${url}/health/ready`)).ok);
  expect(await get(`${url}/tasks/${task_id}`)).toMatchObject({ status: "SUCCESS" });
  await answeredAndStored(url, 1);
  expect(await app.stop("SIGINT")).toMatchObject({ exitCode: 0 });
  expect(await portAnswers(port)).toBe(false);

  const next = await opens(startApp());
  await eventually(async () => (await fetch(`${next}/health/ready`)).ok);
  expect(await get(`${next}/tasks/${task_id}`)).toMatchObject({ status: "SUCCESS" });
  await answeredAndStored(next, 1);
  await post(`${next}/tasks`, FLOWER);
  await answeredAndStored(next, 2);
});

kafkaTest("kill -9 leaves no process, and the next start waits for the old Kafka's end", async () => {
  const app = startApp();
  const { pid } = await kafkaOf(app);
  const url = await opens(app);
  const { task_id } = await json(await post(`${url}/tasks`, FLOWER));
  const pids = await Promise.all(ROLES.map((role) => pidOf(app, role)));
  // Halted, so that it takes as long as on a busy machine.
  process.kill(pid, "SIGSTOP");
  await app.kill();
  const next = startApp();
  await next.waitFor(/^Kafka +Waiting until the Kafka of an earlier start has left .*kafka$/);
  process.kill(pid, "SIGCONT");
  await hasEnded(...pids, pid);
  expect((await kafkaOf(next)).port).toBe(port);
  const again = await opens(next);
  await eventually(async () => (await get(`${again}/tasks/${task_id}`)).status === "SUCCESS");
});

kafkaTest("somebody else's Kafka uses the folder: one line says which, and what to do", async () => {
  const other = await freePort();
  const dataDir = join(data, "kafka");
  const kafka = startProgram("kafka/start.ts", ["--port", String(other), "--data-dir", dataDir]);
  await kafka.waitFor(/ answers on /);
  const { exitCode, stderr } = await startApp().exited;
  expect(exitCode).toBe(1);
  expect(stderr).toBe(
    `Another Kafka uses the data folder ${dataDir} (on localhost:${other}). ` +
      "Stop that one, or choose another folder: npm run app -- --data <folder>\n",
  );
});

kafkaTest("another program has the port: Kafka takes a free one, and says how to reach it", async () => {
  const silent = createServer().listen(port, "127.0.0.1");
  await once(silent, "listening");
  const app = startApp();
  const kafka = await kafkaOf(app);
  await opens(app);
  silent.close();
  expect(kafka.port).not.toBe(port);
  expect(app.lines.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      `Kafka      Port ${port} is taken by something that is not Kafka`,
      `Kafka      other terminals reach it with KAFKA_BROKERS=localhost:${kafka.port}`,
    ]),
  );
});

kafkaTest("a Kafka that answers on the port is used, and goes on", async () => {
  const kafka = startProgram("kafka/start.ts", ["--port", String(port), "--data-dir", join(folder, "own")]);
  await kafka.waitFor(/ answers on /);
  const app = startProgram(APP, ["--workers", "1", ...args()]);
  await app.waitFor(new RegExp(`^Kafka +the Kafka that runs on localhost:${port}$`));
  await opens(app);
  expect(await app.stop("SIGINT")).toMatchObject({ exitCode: 0, stderr: "" });
  expect(await portAnswers(port)).toBe(true);
});

kafkaTest("a relative --data is found from the folder in which the command was typed", async () => {
  data = relative(ROOT, data);
  await opens(startApp());
});

test.skipIf(!HAS_TERMINAL || hasUsualKafka).each(["from the jars", "topics", "ready", "Open"])(
  "Ctrl-C at a terminal that shows %s: Kafka ends last, no process is left",
  async (event) => {
    const argv = [process.execPath, "--import", "tsx", APP, ...args()];
    const { exitCode, text } = await runOnTerminal(argv, [[event, CTRL_C]], { KAFKA_BROKERS: "" }, 100);
    expect(text).toMatch(/Ending all.*$/s);
    expect(text).not.toMatch(/error|not reachable|died|killed/i);
    expect(exitCode).toBe(0);
    expect(await portAnswers(port)).toBe(false);
    for (const [, pid] of text.matchAll(/\(pid (\d+)/g)) expect(isAlive(Number(pid))).toBe(false);
  },
);
