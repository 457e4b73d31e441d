/** Idempotency-Key: the same request again is the same tasks, wherever and whenever it comes. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { sampleMeasurements } from "../../../common/samples.ts";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../../../lab/harness/lines.ts";
import { type Gateway, startGateway, untilFinal } from "../../../tests/support/gateway.ts";
import { eventually } from "../../../tests/support/kafka_state.ts";
import { uuid5 } from "../http/uuid5.ts";

const [FLOWER, OTHER] = sampleMeasurements(2);
const HOUR_MS = 3_600_000;

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

const twoGateways = () => Promise.all([startGateway(sandbox), startGateway(sandbox)]);

async function postWith(gateway: Gateway, key: string, body: unknown = FLOWER, more = {}) {
  return await gateway.post("/tasks", body, { "idempotency-key": key, ...more });
}

/** The ids of the tasks that Kafka has, as often as it has them. */
async function idsInKafka(): Promise<string[]> {
  return (await sandbox.readAll("tasks")).map(({ value }) => JSON.parse(value ?? "").task_id);
}

/** Writes a claim as a gateway does, for the body that was posted with another key. */
async function claim(key: string, id: string, bodyOf: string, age = 0): Promise<void> {
  const records = await sandbox.readAll("idempotency-keys");
  const hashes = records.map(({ value }) => JSON.parse(value ?? "") as { id: string; hash: string });
  const { hash } = hashes.find((record) => record.id === bodyOf) ?? {};
  const at = Date.now() - age;
  await sandbox.send("idempotency-keys", [
    { key, value: JSON.stringify({ id, hash, at }), timestamp: String(at) },
  ]);
}

test("20 requests at the same instant, at two gateways: one id, one task; and so it stays", async () => {
  const [a, b] = await twoGateways();
  const key = randomUUID();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => postWith(index % 2 ? a : b, key)),
  );
  const [id] = [...new Set(answers.map(({ json }) => json.task_id))];
  for (const { status, json, headers } of answers) {
    expect(status).toBe(202);
    expect(json).toMatchObject({ task_id: id, status: "PENDING" });
    expect(headers.get("location")).toBe(`/tasks/${id}`);
  }
  expect(await idsInKafka()).toEqual([id]);

  // In quotes, as the draft writes it, it is the same key.
  expect((await postWith(a, `"${key}"`)).json).toMatchObject({ task_id: id });
  // Nor does a restart make it another one, with the view or without.
  await a.kill();
  await a.restart();
  expect((await postWith(a, key)).json).toMatchObject({ task_id: id });
  const fresh = await startGateway(sandbox);
  expect((await postWith(fresh, key)).json).toMatchObject({ task_id: id });
  expect(await idsInKafka()).toEqual([id]);

  sandbox.start("application/worker.ts");
  await untilFinal(fresh, id);
  await eventually(async () => (await a.get(`/tasks/${id}`)).json.status === "SUCCESS");
  expect((await postWith(a, key)).json).toMatchObject({ task_id: id, status: "SUCCESS" });
  // Another key is another task.
  expect((await postWith(a, randomUUID())).json.task_id).not.toBe(id);
});

test("many keys, each twice at the same time at two gateways", async () => {
  const [a, b] = await twoGateways();
  const keys = Array.from({ length: 100 }, () => randomUUID());
  const ids = await Promise.all(
    keys.map(async (key) => {
      const [one, other] = await Promise.all([postWith(a, key), postWith(b, key)]);
      expect([one.status, other.status, other.json.task_id]).toEqual([202, 202, one.json.task_id]);
      return one.json.task_id;
    }),
  );
  expect((await idsInKafka()).toSorted()).toEqual(ids.toSorted());
});

test("a list: the same ids in the same order, each task once", async () => {
  const [a, b] = await twoGateways();
  const flowers = sampleMeasurements(3000);
  const key = randomUUID();
  const [one, other] = await Promise.all([postWith(a, key, flowers), postWith(b, key, flowers)]);
  const ids = one.json.tasks.map(({ task_id }: { task_id: string }) => task_id);
  expect(new Set(ids).size).toBe(3000);
  expect(other).toMatchObject({ status: 202, json: one.json });
  expect((await postWith(b, key, flowers)).json).toEqual(one.json);
  expect((await idsInKafka()).toSorted()).toEqual(ids.toSorted());
  const [last] = flowers.slice(-1);
  expect((await b.get(`/tasks/${ids[2999]}`)).json).toMatchObject({ X: last });
});

test("the same key with another body is refused, at the same instant too", async () => {
  const [a, b] = await twoGateways();
  const key = randomUUID();
  const answers = await Promise.all([postWith(a, key), postWith(b, key, OTHER)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 422]);
  const refused = answers.find(({ status }) => status === 422);
  expect(refused?.json).toMatchObject({ type: "/problems/key-used", status: 422 });
  expect(refused?.json.detail).toContain(key);
  // Neither is a list of it the same, nor another order.
  const second = randomUUID();
  expect((await postWith(a, second, [FLOWER, OTHER])).status).toBe(202);
  for (const body of [FLOWER, [FLOWER], [OTHER, FLOWER], [FLOWER, OTHER, FLOWER]])
    expect((await postWith(b, second, body)).status).toBe(422);
  // The same numbers, written in another way, are the same body.
  const text = JSON.stringify(
    [Object.entries(FLOWER ?? {}).reverse(), Object.entries(OTHER ?? {})].map(Object.fromEntries),
    null,
    2,
  );
  expect((await postWith(b, second, text)).status).toBe(202);
  expect(await idsInKafka()).toHaveLength(3);
});

test("a key that is none is refused, and nothing is sent", async () => {
  const gateway = await startGateway(sandbox);
  for (const key of ["", '""', "k".repeat(256), "k\u00e9y", "a\tb"]) {
    const { status, json } = await postWith(gateway, key);
    expect({ status, field: json.field }, key).toEqual({ status: 422, field: "the header Idempotency-Key" });
  }
  // A bad body claims no key.
  expect((await postWith(gateway, "once", { sepal_length: 1 })).status).toBe(422);
  expect(await sandbox.readAll("idempotency-keys")).toEqual([]);
  expect((await postWith(gateway, "once")).status).toBe(202);
  expect(await idsInKafka()).toHaveLength(1);
});

test("with Prefer: wait each of them is given the answer", async () => {
  const [a, b] = await twoGateways();
  await ownsPartitions(sandbox.start("application/worker.ts", ["--inference-time", "0.1"]), 12);
  const key = randomUUID();
  const wait = { prefer: "wait=60" };
  const [one, other] = await Promise.all([a, b].map((gateway) => postWith(gateway, key, FLOWER, wait)));
  expect(one).toMatchObject({ status: 200, json: { status: "SUCCESS", species: "setosa" } });
  expect(other?.status).toBe(200);
  expect(other?.json).toEqual(one?.json);
  expect((await postWith(a, key, FLOWER, wait)).json).toEqual(one?.json);
  expect(await idsInKafka()).toHaveLength(1);
});

test("POST /elab knows keys, too, and tells of a repeated request what became of it", async () => {
  const [a, b] = await twoGateways();
  const headers = { "idempotency-key": randomUUID() };
  const answers = await Promise.all([a, b].map((gateway) => gateway.post("/elab", FLOWER, headers)));
  expect(answers[0]?.json).toEqual(answers[1]?.json);
  const { task_id } = answers[0]?.json ?? {};
  expect(await idsInKafka()).toEqual([task_id]);
  await sandbox.send("results", [JSON.stringify({ task_id, X: FLOWER, y: { iris_type: 1 } })]);
  await eventually(async () => (await a.get(`/elab_status/${task_id}`)).json.status === "SUCCESS");
  expect((await a.post("/elab", FLOWER, headers)).json).toEqual({ task_id, status: "SUCCESS" });
});

describe("a claim whose gateway died before it sent", () => {
  test.each([
    ["just now", 0],
    ["an hour ago", HOUR_MS],
  ])("%s: the next request sends the task, under the claim's id", async (_, age) => {
    const [a, b] = await twoGateways();
    const { task_id: first } = (await postWith(a, "first")).json;
    const id = randomUUID();
    await claim("of the dead", id, first, age);
    const answers = await Promise.all([a, b].map((gateway) => postWith(gateway, "of the dead")));
    for (const { status, json } of answers) expect({ status, id: json.task_id }).toEqual({ status: 202, id });
    // Both have waited for the dead one, and one of them has sent it.
    expect((await idsInKafka()).toSorted()).toEqual([first, id].toSorted());
    expect((await postWith(a, "of the dead", OTHER)).status).toBe(422);
    sandbox.start("application/worker.ts");
    expect(await untilFinal(a, id)).toMatchObject({ status: "SUCCESS" });
  });

  test("and then another one, who wanted to send in its place", async () => {
    const gateway = await startGateway(sandbox);
    const { task_id: first } = (await postWith(gateway, "first")).json;
    const id = randomUUID();
    await claim("of the dead", id, first, HOUR_MS);
    await claim(`of the dead\n${id}\n1`, randomUUID(), first, HOUR_MS - 1000);
    expect((await postWith(gateway, "of the dead")).json).toMatchObject({ task_id: id });
    expect((await idsInKafka()).toSorted()).toEqual([first, id].toSorted());
  });

  test("in the middle of a list: those that are missing are sent", async () => {
    const gateway = await startGateway(sandbox);
    const flowers = sampleMeasurements(10);
    const { task_id: first } = (await postWith(gateway, "first", flowers)).json.tasks[0];
    const [record] = await sandbox.readAll("idempotency-keys");
    const base = JSON.parse(record?.value ?? "").id;
    expect(uuid5(base, "0")).toBe(first);
    const id = randomUUID();
    await claim("of the dead", id, base);
    const ids = flowers.map((_, index) => uuid5(id, String(index)));
    const sent = [0, 1, 2, 5].map((index) => JSON.stringify({ task_id: ids[index], X: flowers[index] }));
    await sandbox.send("tasks", sent);
    const { status, json } = await postWith(gateway, "of the dead", flowers);
    expect({ status, ids: json.tasks.map(({ task_id }: { task_id: string }) => task_id) }).toEqual({
      status: 202,
      ids,
    });
    const inKafka = await idsInKafka();
    expect(inKafka.filter((each) => ids.includes(each)).toSorted()).toEqual(ids.toSorted());
  });
});

test("a key counts for 24 hours", async () => {
  const gateway = await startGateway(sandbox);
  const { task_id: first } = (await postWith(gateway, "first")).json;
  await claim("yesterday", randomUUID(), first, 24 * HOUR_MS + 1000);
  const { status, json } = await postWith(gateway, "yesterday", OTHER);
  expect(status).toBe(202);
  expect((await postWith(gateway, "yesterday", OTHER)).json.task_id).toBe(json.task_id);
  expect(await idsInKafka()).toEqual(expect.arrayContaining([first, json.task_id]));
});

test("a task that was forgotten is not sent again", async () => {
  const gateway = await startGateway(sandbox, { args: ["--keep", "1s"] });
  const { task_id } = (await postWith(gateway, "short")).json;
  const list = (await postWith(gateway, "list", [FLOWER])).json;
  sandbox.start("application/worker.ts");
  for (const id of [task_id, list.tasks[0].task_id])
    await eventually(async () => (await gateway.get(`/tasks/${id}`)).status === 410);
  const again = await postWith(gateway, "short");
  expect({ status: again.status, type: again.json.type }).toEqual({
    status: 410,
    type: "/problems/forgotten",
  });
  expect((await postWith(gateway, "list", [FLOWER])).json).toEqual(list);
  expect(await idsInKafka()).toHaveLength(2);
});
