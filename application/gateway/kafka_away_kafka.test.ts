/** A Kafka that is away, or silent: nobody waits for ever, and no 202 is given for what Kafka does not have. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sampleMeasurements } from "../../common/samples.ts";
import { type Gateway, type GatewayAnswer, startGateway, untilFinal } from "../../tests/support/gateway.ts";
import { eventually, expectWithin } from "../../tests/support/kafka_state.ts";
import { type OwnBroker, startOwnBroker } from "../../tests/support/own_broker.ts";

const [FLOWER] = sampleMeasurements(1);
const UNKNOWN = "00000000-0000-4000-8000-000000000000";
/** What a client is promised. */
const LIMIT_S = 5;

let own: OwnBroker;
let gateway: Gateway;
beforeEach(async () => {
  own = await startOwnBroker();
  gateway = await startGateway(own.sandbox);
  await gateway.ready();
});
afterEach(async () => {
  await own.broker.restart();
  await own.close();
});

const post = (headers = {}, body: unknown = FLOWER) => gateway.post("/tasks", body, headers);
const idsInKafka = async (): Promise<string[]> =>
  (await own.sandbox.readAll("tasks")).map(({ value }) => JSON.parse(value ?? "").task_id);

/** The answer, which has to come as soon as it is promised. */
async function inTime(asked: Promise<GatewayAnswer>): Promise<GatewayAnswer> {
  const from = performance.now();
  const answer = await asked;
  expectWithin(LIMIT_S, from, performance.now());
  return answer;
}

async function expectAway(asked: Promise<GatewayAnswer>): Promise<GatewayAnswer> {
  const answer = await inTime(asked);
  const { status, json, headers, text } = answer;
  expect({ status, type: json?.type }, text).toEqual({ status: 503, type: "/problems/kafka-away" });
  expect(headers.get("retry-after")).toMatch(/^\d+$/);
  return answer;
}

/** A task that is answered, and one that waits. */
async function prepare(): Promise<{ answered: string; waiting: string }> {
  const worker = own.sandbox.start("application/worker.ts");
  const answered = (await post()).json.task_id;
  await untilFinal(gateway, answered);
  await worker.stop();
  const waiting = (await post()).json.task_id;
  await gateway.get(`/tasks/${waiting}`);
  return { answered, waiting };
}

async function expectKnown({ answered, waiting }: { answered: string; waiting: string }): Promise<void> {
  expect(await inTime(gateway.get(`/tasks/${answered}`))).toMatchObject({
    status: 200,
    json: { status: "SUCCESS" },
  });
  expect(await inTime(gateway.get(`/tasks/${waiting}`))).toMatchObject({
    status: 200,
    json: { status: "PENDING" },
  });
  expect(await inTime(gateway.get(`/tasks/${answered}/result`))).toMatchObject({ status: 200 });
  expect(await inTime(gateway.get(`/tasks/${answered}/history`))).toMatchObject({ status: 200 });
  expect((await inTime(gateway.get("/tasks"))).json.tasks).toHaveLength(2);
  expect((await inTime(gateway.get("/health/live"))).status).toBe(200);
}

/** Everything goes on as if nothing had been. */
async function expectBack({ waiting }: { waiting: string }): Promise<void> {
  await gateway.ready();
  own.sandbox.start("application/worker.ts");
  expect(await untilFinal(gateway, waiting)).toMatchObject({ status: "SUCCESS" });
  const { status, json } = await post({ prefer: "wait=60" });
  expect({ status, state: json.status }).toEqual({ status: 200, state: "SUCCESS" });
  expect((await gateway.get(`/tasks/${UNKNOWN}`)).status).toBe(404);
  expect((await gateway.get("/health/ready")).json).toMatchObject({ status: "ready" });
}

test("a broker that is stopped: what is known is told, the rest is not confirmed, and nothing of it arrives", async () => {
  const known = await prepare();
  const key = randomUUID();
  await own.broker.stop();
  // All at the same time: those that come later do not wait for those before them.
  await Promise.all([
    ...Array.from({ length: 20 }, () => expectAway(post())),
    expectAway(post({ prefer: "wait=30" })),
    expectAway(post({ "idempotency-key": key })),
    expectAway(gateway.post("/elab", FLOWER)),
    expectAway(gateway.del(`/tasks/${known.waiting}`)),
    expectAway(gateway.get(`/tasks/${UNKNOWN}`)),
    expectAway(gateway.get(`/tasks/${UNKNOWN}/result`)),
    expectAway(gateway.get(`/elab_status/${UNKNOWN}`)),
    expectKnown(known),
  ]);
  await eventually(async () => (await gateway.get("/health/ready")).status === 503);
  const ready = await gateway.get("/health/ready");
  expect(ready.json).toMatchObject({ type: "/problems/not-ready", status: 503 });
  expect(ready.headers.get("retry-after")).not.toBeNull();
  // It is still so later on.
  await Promise.all([expectAway(post()), expectAway(gateway.get(`/tasks/${UNKNOWN}`)), expectKnown(known)]);

  await own.broker.restart();
  await gateway.ready();
  expect((await idsInKafka()).toSorted()).toEqual([known.answered, known.waiting].toSorted());
  // What was not confirmed is sent again, and the key's claim may have been lost or not: it is one task.
  const again = await Promise.all([post({ "idempotency-key": key }), post({ "idempotency-key": key })]);
  expect(again.map(({ status }) => status)).toEqual([202, 202]);
  expect(again[0]?.json.task_id).toBe(again[1]?.json.task_id);
  expect(await idsInKafka()).toHaveLength(3);
  await expectBack(known);
  const { exitCode, stderr } = await gateway.close();
  expect(exitCode).toBe(0);
  // One line for each who lost it, main thread and view, and one for each who found it again.
  for (const line of stderr.trimEnd().split("\n"))
    expect(line).toMatch(/^Kafka is (not reachable, retrying|reachable again)$/);
});

describe.skipIf(process.platform === "win32")("a broker that is silent", () => {
  const pause = () => process.kill(own.broker.pid, "SIGSTOP");
  const goOn = () => process.kill(own.broker.pid, "SIGCONT");
  afterEach(() => {
    // Otherwise it could not be stopped, after a test that failed.
    goOn();
  });

  test("a client is told after 5 s, whatever it has asked for", async () => {
    const known = await prepare();
    pause();
    await Promise.all([
      ...Array.from({ length: 20 }, () => expectAway(post())),
      expectAway(post({ prefer: "wait=30" })),
      expectAway(post({ "idempotency-key": randomUUID() })),
      expectAway(gateway.del(`/tasks/${known.waiting}`)),
      expectAway(gateway.get(`/tasks/${UNKNOWN}`)),
      expectKnown(known),
    ]);
    await eventually(async () => (await gateway.get("/health/ready")).status === 503);
    await Promise.all([expectAway(post()), expectAway(gateway.get(`/tasks/${UNKNOWN}`)), expectKnown(known)]);
    goOn();
    await gateway.ready();
    // The cancellation was not confirmed: it may have arrived.
    const { status } = (await gateway.get(`/tasks/${known.waiting}`)).json;
    if (status === "PENDING") await expectBack(known);
    else expect(status).toBe("CANCELLED");
  });

  test("however often it falls silent, at whatever step: no 202 for a task that Kafka does not have", async () => {
    const accepted: string[] = [];
    let isOver = false;
    const client = async (hasKey: boolean) => {
      while (!isOver) {
        const headers = hasKey ? { "idempotency-key": randomUUID() } : undefined;
        let { status, json } = await inTime(post(headers));
        expect([202, 503]).toContain(status);
        // With a key it can be sent again until it is confirmed.
        while (status !== 202 && headers !== undefined) ({ status, json } = await post(headers));
        if (status === 202) accepted.push(json.task_id);
      }
    };
    const clients = [client(true), client(true), client(true), client(false)];
    for (let round = 0; round < 4; round += 1) {
      const count = accepted.length;
      await eventually(async () => accepted.length > count + 20);
      pause();
      await expectAway(post());
      goOn();
    }
    isOver = true;
    await Promise.all(clients);
    const inKafka = await idsInKafka();
    expect(accepted.filter((id) => !inKafka.includes(id))).toEqual([]);
    for (const id of accepted) expect((await gateway.get(`/tasks/${id}`)).status).toBe(200);
  });
});

test("a list that Kafka has in part: the ids that are confirmed are named", async () => {
  const flowers = sampleMeasurements(10_000);
  const countInKafka = async () => {
    const ends = await own.sandbox.admin.fetchTopicOffsets(own.sandbox.topic("tasks"));
    return ends.reduce((sum, { high }) => sum + Number(high), 0);
  };
  for (let partly: GatewayAnswer | undefined; partly === undefined; ) {
    const before = await countInKafka();
    // A list takes several requests. When the first ones are there, most lists are still to be sent.
    const lists = Array.from({ length: 6 }, () => post({}, flowers));
    await eventually(async () => (await countInKafka()) > before + 5000);
    await own.broker.kill9();
    const answers = await Promise.all(lists);
    await own.broker.restart();
    await gateway.ready();
    const inKafka = new Set(await idsInKafka());
    for (const { status, json } of answers) {
      expect([202, 503]).toContain(status);
      const ids =
        status === 202 ? json.tasks.map(({ task_id }: { task_id: string }) => task_id) : json.confirmed;
      expect(ids.filter((id: string) => !inKafka.has(id))).toEqual([]);
      if (status === 503) expect(json.detail).toContain(`${ids.length} of 10000 tasks are confirmed`);
    }
    partly = answers.find(({ json }) => json.confirmed?.length > 0);
  }
});
