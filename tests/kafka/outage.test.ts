/** A broker that is gone for half a minute and comes back: everything that had begun goes on by itself. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, type TestContext, test } from "vitest";
import { ownsPartitions } from "../../lab/harness/lines.ts";
import type { Exit, Program } from "../../lab/harness/programs.ts";
import {
  countCommitted,
  countMessages,
  eventually,
  expectWithin,
  storedIds,
  waitForNew,
} from "../support/kafka_state.ts";
import { type OwnBroker, startOwnBroker } from "../support/own_broker.ts";

const OUTAGE_MS = 30_000;
const OUTAGE_LINE = "Kafka is not reachable, retrying";
const BACK_LINE = "Kafka is reachable again";
const CLIENT = "5_task_queue/client.ts";

let own: OwnBroker;
let folder: string;
let db: string;
beforeEach(async () => {
  own = await startOwnBroker();
  folder = mkdtempSync(join(tmpdir(), "iris-outage-"));
  db = join(folder, "predictions.db");
  await own.sandbox.run("5_task_queue/kafka_setup.ts");
});
afterEach(async () => {
  await own.close();
  rmSync(folder, { recursive: true });
});

interface EndedClient extends Exit {
  question: string;
  endedAt: number;
}

const countOf = (topic: "tasks" | "results") => countMessages(own.sandbox, topic);

/** A client with a question of its own, so that a mixed-up answer shows. */
async function askOnce(index: number): Promise<EndedClient> {
  const question = `${4 + index / 100},3,4,1`;
  const exit = await own.sandbox.start(CLIENT, ["--timeout", "900"], { input: question }).exited;
  return { ...exit, question, endedAt: performance.now() };
}

/** Starts clients that nobody answers yet, a few at a time; returns when all have asked. */
async function startWaiting(count: number): Promise<Promise<EndedClient>[]> {
  const asked = (least: number) => eventually(async () => (await countOf("tasks")) >= least);
  const waiting: Promise<EndedClient>[] = [];
  for (let index = 0; index < count; index += 1) {
    await asked(index - 4);
    waiting.push(askOnce(index));
  }
  await asked(count);
  return waiting;
}

/** Starts clients in several lanes, in each one after the other; `hold` stops a lane before its next one. */
async function startInLanes(first: number, count: number, lanes: number, hold = async () => {}) {
  let next = first;
  const ended: EndedClient[] = [];
  const lane = async () => {
    while (next < first + count) {
      ended.push(await askOnce(next++));
      await hold();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return ended;
}

function errorLines(program: Program): string[] {
  return program.lines.filter(({ from }) => from === "stderr").map(({ text }) => text);
}

function expectNoContact({ exitCode, stdout, stderr }: EndedClient): void {
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(/^No Kafka answers at localhost:\d+: start one with .*\n$/);
}

const since = (then: number, now = performance.now()) => `${((now - then) / 1000).toFixed(1)} s`;

test("the broker is stopped for 30 s while 100 clients start", { timeout: 900_000 }, (context) =>
  outage(() => own.broker.stop(), context),
);

test("the broker is killed with -9 for 30 s while 100 clients start", { timeout: 900_000 }, (context) =>
  outage(() => own.broker.kill9(), context),
);

/**
 * 100 clients: 30 have asked and wait when the broker goes; 5 are started while it is away; the others are started
 * eight at a time until it goes and again when it is back, so that its end meets some in each step of their start.
 * A client that has made its first contact lives through the outage. One that has not cannot tell an outage from a
 * wrong address, and says at once that nobody answers: that serves its user better than a silent wait.
 */
async function outage(end: () => Promise<void>, { annotate }: TestContext): Promise<void> {
  const { broker, sandbox } = own;
  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db]);
  const waiting = await startWaiting(30);
  const worker = sandbox.start("5_task_queue/worker.ts", ["--name", "worker", "--inference-time", "0.3"]);
  const talker = sandbox.start(CLIENT, ["--timeout", "900"]);
  talker.type("6.1,3,4,1");
  await worker.waitFor(/, partition \d+, \d+ ms$/);

  let presence = Promise.resolve();
  let comeBack = () => {};
  const starting = startInLanes(30, 65, 8, () => presence);
  await eventually(async () => (await countOf("tasks")) >= 36);
  const endedAt = performance.now();
  await end();
  presence = new Promise((resolve) => {
    comeBack = resolve;
  });

  const outageIsOver = sleep(OUTAGE_MS);
  talker.type("6.2,3,4,1");
  for (const client of await startInLanes(95, 5, 5)) expectNoContact(client);
  await outageIsOver;
  await broker.restart();
  const backAt = performance.now();
  const next = waitForNew(worker, /, partition \d+, \d+ ms$/);
  comeBack();
  await annotate(`the worker's next answer ${since(backAt, (await next).at)} after the broker's`);

  const ended = [...(await Promise.all(waiting)), ...(await starting)];
  const tooLate = ended.filter(({ exitCode }) => exitCode !== 0);
  for (const client of tooLate) {
    expectNoContact(client);
    expect(client.endedAt).toBeGreaterThan(endedAt);
    expect(client.endedAt).toBeLessThan(backAt);
  }
  const answered = ended.filter(({ exitCode }) => exitCode === 0);
  for (const { stdout, stderr, question } of answered) {
    expect(stdout).toMatch(/^-> (\w{4}) [\d.,]+\n<- \1 \w+, worker, \d+ ms\n$/);
    expect(stdout).toContain(` ${question}\n`);
    // Who leaves at once need not notice that Kafka is back.
    expect(["", `${OUTAGE_LINE}\n`, `${OUTAGE_LINE}\n${BACK_LINE}\n`]).toContain(stderr);
  }
  const survivors = answered.filter(({ stderr }) => stderr !== "");
  const last = Math.max(...survivors.map((client) => client.endedAt));
  await annotate(
    `${survivors.length} clients lived through it, the last was done ${since(backAt, last)} later`,
  );
  await annotate(
    `${answered.length - survivors.length} clients did not notice, ${tooLate.length} came too late`,
  );

  // Whoever stays asks on.
  talker.type("6.3,3,4,1");
  const [, id] = await talker.waitFor(/^-> (\w{4}) 6.3,3,4,1$/);
  await talker.waitFor(new RegExp(`^<- ${id} \\w+, worker, `));
  talker.endInput();
  expect(await talker.exited).toMatchObject({ exitCode: 0, stderr: `${OUTAGE_LINE}\n${BACK_LINE}\n` });
  expect(talker.lines.filter(({ from }) => from === "stdout")).toHaveLength(6);

  const results = await countOf("results");
  await eventually(async () => (await countCommitted(sandbox, "persister_group")) === results);
  const tasks = await sandbox.readAll("tasks");
  const asked = new Set(tasks.map(({ value }) => JSON.parse(value ?? "").task_id));
  await annotate(`${asked.size} questions, ${tasks.length} tasks, ${results} results`);
  expect(asked.size).toBe(answered.length + 3);
  expect(storedIds(db)).toEqual([...asked].sort());
  expect(errorLines(worker)).toEqual([OUTAGE_LINE, BACK_LINE]);
  expect(errorLines(persister)).toEqual([OUTAGE_LINE, BACK_LINE]);
}

test("whoever is to end while the broker is away ends, and a client's time runs out in time", async ({
  annotate,
}) => {
  const { broker, sandbox } = own;
  const worker = sandbox.start("5_task_queue/worker.ts");
  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db]);
  const impatient = sandbox.start(CLIENT, ["--timeout", "3"]);
  const patient = sandbox.start(CLIENT, ["--timeout", "900"]);
  await Promise.all([ownsPartitions(worker, 12), ownsPartitions(persister, 1)]);
  for (const client of [impatient, patient]) {
    client.type("6,3,4,1");
    await client.waitFor(/^<- \w{4} versicolor, /);
  }
  await broker.kill9();
  await Promise.all(
    [worker, persister, patient].map((program) => program.waitFor(/^Kafka is not reachable/)),
  );

  const asked = performance.now();
  impatient.type("6,3,4,1");
  const told = await impatient.waitForLine((text) => text.startsWith("No answer within 3 s"), "of its time");
  await annotate(`a client with 3 s says so after ${expectWithin(3 + 1, asked, told.at)}`);
  patient.type("6,3,4,1");

  const ask = performance.now();
  const end = async (exit: Promise<Exit>, exitCode: number, stderr: RegExp) => {
    const ended = await exit;
    const took = since(ask);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toMatch(stderr);
    return took;
  };
  impatient.endInput();
  const outage = new RegExp(`^${OUTAGE_LINE}\n$`);
  const took = await Promise.all([
    end(worker.stop(), 0, outage),
    end(persister.stop(), 0, outage),
    end(patient.stop("SIGINT"), 130, outage),
    end(impatient.exited, 1, /^(Kafka is not reachable, retrying\n)?No answer within 3 s to task .*\n$/),
  ]);
  await annotate(
    `ended after: worker, persister, client by Ctrl-C, client at the end of its input: ${took.join(", ")}`,
  );
  await broker.restart();
});
