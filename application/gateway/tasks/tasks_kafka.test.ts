/** Tasks over HTTP: a gateway, real workers, and what Kafka has afterwards. */
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { loadClassifier } from "../../../common/classifier.ts";
import { sampleMeasurements, speciesOfSample } from "../../../common/samples.ts";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../../../lab/harness/lines.ts";
import { type Gateway, startGateway, untilFinal } from "../../../tests/support/gateway.ts";
import { eventually } from "../../../tests/support/kafka_state.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const [SETOSA, VERSICOLOR] = sampleMeasurements(2);

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

/** One partition: its tasks are done in the order in which they come. */
async function withOnePartition(): Promise<Gateway> {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  return await startGateway(sandbox);
}

function startWorker(name: string, inferenceTime: number, file = "application/worker.ts") {
  return sandbox.start(file, ["--name", name, "--inference-time", String(inferenceTime)]);
}

const statusOf = async (gateway: Gateway, id: string) => (await gateway.get(`/tasks/${id}`)).json.status;

/** Resolves when the view has the task. */
async function post(gateway: Gateway, body: unknown = SETOSA): Promise<string> {
  const { status, json, text } = await gateway.post("/tasks", body);
  expect(status, text).toBe(202);
  expect(await statusOf(gateway, json.task_id)).toBeDefined();
  return json.task_id;
}

describe("POST /tasks", () => {
  test("one task: 202 when Kafka has it, in the form of stage 5", async () => {
    const gateway = await startGateway(sandbox);
    const { status, json, headers } = await gateway.post("/tasks", SETOSA);
    const messages = await sandbox.readAll("tasks");
    expect(status).toBe(202);
    const { task_id, partition, offset } = json;
    expect(json).toEqual({ task_id: expect.stringMatching(UUID), status: "PENDING", partition, offset });
    expect(headers.get("location")).toBe(`/tasks/${task_id}`);
    expect(headers.get("retry-after")).toMatch(/^\d+$/);
    expect(headers.get("content-type")).toMatch("application/json");
    expect(messages).toEqual([
      expect.objectContaining({
        ...{ partition, offset: String(offset), value: JSON.stringify({ task_id, X: SETOSA }) },
      }),
    ]);

    const known = await gateway.get(headers.get("location") ?? "");
    expect(known.status).toBe(200);
    expect(known.json).toMatchObject({
      ...{ task_id, status: "PENDING", attempts: 1, X: SETOSA, partition, offset },
      accepted_at: new Date(messages[0]?.timestamp ?? 0).toISOString(),
    });
    const history = await gateway.get(`/tasks/${task_id}/history`);
    expect(history.json).toEqual({
      task_id,
      transitions: [
        { kind: "PENDING", at: known.json.accepted_at, topic: sandbox.topic("tasks"), partition, offset },
      ],
    });
  });

  test("10,000 tasks: their ids come in the order of the list, and Kafka has each once", async () => {
    const gateway = await startGateway(sandbox);
    // Each can be told from all others.
    const flowers = Array.from({ length: 10_000 }, (_, index) => ({
      ...{ sepal_length: (index + 1) / 1000, sepal_width: 3, petal_length: 4, petal_width: 1 },
    }));
    const { status, json } = await gateway.post("/tasks", flowers);
    expect(status).toBe(202);
    const ids = json.tasks.map(({ task_id }: { task_id: string }) => task_id);
    const expected = ids.map((task_id: string, index: number) =>
      JSON.stringify({ task_id, X: flowers[index] }),
    );
    const values = (await sandbox.readAll("tasks")).map(({ value }) => value);
    expect(values.toSorted()).toEqual(expected.toSorted());
    expect(new Set(ids).size).toBe(10_000);
    expect((await gateway.get(`/tasks/${ids[9999]}`)).json).toMatchObject({
      status: "PENDING",
      X: flowers[9999],
    });
  });

  test("one bad element refuses the whole list, and is named", async () => {
    const gateway = await startGateway(sandbox);
    const { status, json, headers } = await gateway.post("/tasks", [
      SETOSA,
      { ...SETOSA, petal_width: "abc" },
      7,
    ]);
    expect(headers.get("content-type")).toMatch(/^application\/problem\+json\b/);
    expect({ status, json }).toEqual({
      status: 422,
      json: {
        ...{ type: "/problems/invalid-input", title: expect.any(String), status: 422, index: 1 },
        ...{ field: "petal_width", expected: "a number between 0 and 30 cm", got: '"abc"' },
        detail: 'Task 1: Expected petal_width to be a number between 0 and 30 cm, got "abc"',
      },
    });
    expect(await sandbox.readAll("tasks")).toEqual([]);
  });

  test("Prefer: wait answers 200 if the answer comes in time, and otherwise 202", async () => {
    const gateway = await startGateway(sandbox);
    const late = await gateway.post("/tasks", SETOSA, { prefer: "wait=1" });
    expect(late.status).toBe(202);
    expect(late.json).toMatchObject({ status: "PENDING", X: SETOSA });
    expect(late.headers.get("retry-after")).not.toBeNull();

    await ownsPartitions(startWorker("worker-1", 0.05), 12);
    const inTime = await gateway.post("/tasks", VERSICOLOR, { prefer: "respond-async, wait=60" });
    expect(inTime.status).toBe(200);
    expect(inTime.json).toMatchObject({ status: "SUCCESS", species: "versicolor", X: VERSICOLOR });
    for (const { headers, json } of [late, inTime]) {
      expect(headers.get("location")).toBe(`/tasks/${json.task_id}`);
      expect(headers.get("preference-applied")).toMatch(/^wait=(1|60)$/);
    }
    // A list is not waited for.
    const list = await gateway.post("/tasks", [SETOSA], { prefer: "wait=60" });
    expect(list.status).toBe(202);
    expect(list.headers.get("preference-applied")).toBeNull();
  });

  test("a client that hangs up while it waits: its task is done all the same", async () => {
    const gateway = await startGateway(sandbox);
    const leaving = new AbortController();
    const waiting = fetch(`${gateway.url}/tasks`, {
      ...{ method: "POST", body: JSON.stringify(SETOSA), signal: leaving.signal },
      headers: { "content-type": "application/json", prefer: "wait=60" },
    });
    await eventually(async () => (await gateway.get("/tasks")).json.tasks.length === 1);
    leaving.abort();
    await expect(waiting).rejects.toThrow();
    const [{ task_id }] = (await gateway.get("/tasks")).json.tasks;
    startWorker("worker-1", 0);
    expect(await untilFinal(gateway, task_id)).toMatchObject({ status: "SUCCESS" });
  });
});

test("a task's way: it waits, is begun, is answered; who waits for a change is told of each", async () => {
  const gateway = await withOnePartition();
  const id = await post(gateway, VERSICOLOR);
  const noAnswer = await gateway.get(`/tasks/${id}/result`);
  expect(noAnswer.status).toBe(202);
  expect(noAnswer.headers.get("retry-after")).not.toBeNull();
  expect(noAnswer.json).toMatchObject({ task_id: id, status: "PENDING", X: VERSICOLOR });

  const change = gateway.get(`/tasks/${id}?wait=60`);
  startWorker("worker-1", 2);
  const begun = await change;
  expect(begun.json).toMatchObject({ status: "STARTED", worker: "worker-1", attempts: 1 });
  expect(begun.json.started_at).toMatch(ISO);
  expect(begun.json).not.toHaveProperty("position");
  expect((await gateway.get(`/tasks/${id}/result`)).status).toBe(202);

  const done = (await gateway.get(`/tasks/${id}?wait=60`)).json;
  const { iris_type, species, probabilities, model } = loadClassifier().predict(VERSICOLOR as never);
  const place = { partition: 0, offset: 0 };
  expect(done).toEqual({
    ...{ task_id: id, status: "SUCCESS", attempts: 1, X: VERSICOLOR, ...place, worker: "worker-1" },
    ...{ accepted_at: expect.stringMatching(ISO), started_at: begun.json.started_at },
    ...{ ended_at: expect.stringMatching(ISO), duration_ms: expect.any(Number), iris_type, species, model },
  });
  expect(done.duration_ms).toBeGreaterThan(1900);
  // It is final, so nobody waits.
  expect((await gateway.get(`/tasks/${id}?wait=60`)).json).toEqual(done);

  const result = await gateway.get(`/tasks/${id}/result`);
  const { duration_ms } = done;
  expect(result.status).toBe(200);
  expect(result.json).toEqual({
    ...{ task_id: id, iris_type, species, probabilities, model, worker: "worker-1", duration_ms },
  });
  const history = await gateway.get(`/tasks/${id}/history`);
  const by = { partition: 0, offset: 0, worker: "worker-1" };
  expect(history.json.transitions).toEqual([
    { kind: "PENDING", at: done.accepted_at, topic: sandbox.topic("tasks"), ...place },
    { kind: "STARTED", at: done.started_at, topic: sandbox.topic("task-events"), ...by },
    { kind: "SUCCESS", at: done.ended_at, topic: sandbox.topic("results"), ...by, outcome: species },
  ]);
});

test("while it waits: how many stand before it, and how long that may take", async () => {
  const gateway = await withOnePartition();
  const quick = startWorker("quick", 0.1);
  const { duration_ms } = await untilFinal(gateway, await post(gateway));
  await quick.stop();
  const ids = [await post(gateway), await post(gateway), await post(gateway)];
  const of = async (index: number) => (await gateway.get(`/tasks/${ids[index]}`)).json;
  // Kafka is asked once a second: until then it has not told of the commit, nor that the worker has left.
  await eventually(async () => {
    const { position, eta_seconds } = await of(2);
    return position === 2 && eta_seconds === undefined;
  });
  for (const index of [0, 1, 2]) {
    const { position, as_of, eta_seconds } = await of(index);
    expect(position).toBe(index);
    expect(as_of).toMatch(ISO);
    expect(eta_seconds).toBeUndefined(); // Nobody is there who would do it.
  }
  const slow = startWorker("slow", 600);
  await eventually(async () => (await of(0)).status === "STARTED" && (await of(2)).eta_seconds !== undefined);
  const { position, eta_seconds } = await of(2);
  expect(position).toBe(2);
  // Three turns of what the last answer took.
  expect(eta_seconds).toBeCloseTo((3 * duration_ms) / 1000, 2);

  // Its worker is killed: it waits again, for the next attempt.
  await slow.kill();
  const next = startWorker("next", 1);
  await eventually(async () => (await of(0)).status !== "STARTED" || (await of(0)).worker === "next");
  expect((await of(0)).attempts).toBe(2);
  expect(await untilFinal(gateway, ids[2] ?? "")).toMatchObject({ status: "SUCCESS", attempts: 1 });
  expect(await of(0)).toMatchObject({ status: "SUCCESS", attempts: 2, worker: "next" });
  const { transitions } = (await gateway.get(`/tasks/${ids[0]}/history`)).json;
  const said = transitions.map(({ kind, worker }: { kind: string; worker?: string }) => [kind, worker]);
  expect(said).toEqual([
    ["PENDING", undefined],
    ["STARTED", "slow"],
    ["STARTED", "next"],
    ["SUCCESS", "next"],
  ]);
  await next.stop();
});

test("a task that no worker can read has failed, with its id or without; that is no error of the request", async () => {
  const gateway = await withOnePartition();
  const id = "a task/with an odd?id#%41 \u00e9";
  await sandbox.send("tasks", [JSON.stringify({ task_id: id, X: { sepal_length: -1 } }), "rubbish"]);
  await startWorker("worker-1", 0);
  const path = `/tasks/${encodeURIComponent(id)}`;
  const failed = await untilFinal(gateway, id);
  expect(failed).toMatchObject({ task_id: id, status: "FAILED", error: { code: expect.any(String) } });
  expect(failed.error.message).toMatch(/^Expected sepal_length/);
  expect(failed).not.toHaveProperty("X");
  const result = await gateway.get(`${path}/result`);
  expect(result.status).toBe(409);
  expect(result.json).toMatchObject({
    ...{ type: "/problems/task-failed", status: 409, task_status: "FAILED", error: failed.error },
  });
  await eventually(async () => (await gateway.get(`${path}/history`)).json.transitions.length === 3);
  const { transitions } = (await gateway.get(`${path}/history`)).json;
  expect(transitions.map(({ kind }: { kind: string }) => kind).sort()).toEqual([
    "FAILED",
    "PENDING",
    "SET_ASIDE",
  ]);

  // Rubbish alone has no answer on results: its dead letter tells.
  expect(await untilFinal(gateway, "0@1")).toMatchObject({ task_id: "0@1", status: "FAILED" });
  expect((await gateway.get("/tasks/0@1/result")).json).toMatchObject({ type: "/problems/task-failed" });
  const rubbish = (await gateway.get("/tasks/0@1/history")).json.transitions;
  expect(rubbish.map(({ topic }: { topic: string }) => topic)).toEqual(
    (["tasks", "tasks-dlt"] as const).map((topic) => sandbox.topic(topic)),
  );
});

test("a task of stage 4 has no id: its place names it, also when stage 4's own worker answers", async () => {
  const gateway = await withOnePartition();
  await sandbox.send("tasks", [JSON.stringify(SETOSA), JSON.stringify(VERSICOLOR)]);
  await eventually(async () => (await gateway.get("/tasks")).json.tasks.length === 2);
  expect((await gateway.get("/tasks/0@0")).json).toMatchObject({
    task_id: "0@0",
    status: "PENDING",
    X: SETOSA,
  });
  const cancelled = await gateway.del("/tasks/0@0");
  expect(cancelled.status).toBe(409);
  expect(cancelled.json.type).toBe("/problems/no-task-id");

  const ours = startWorker("ours", 0.05);
  expect(await untilFinal(gateway, "0@0")).toMatchObject({
    status: "SUCCESS",
    species: "setosa",
    worker: "ours",
  });
  expect(await untilFinal(gateway, "0@1")).toMatchObject({ status: "SUCCESS", species: "versicolor" });
  await ours.stop();
  await sandbox.send("tasks", [JSON.stringify(VERSICOLOR)]);
  sandbox.start("4_message_queue/worker.ts");
  expect(await untilFinal(gateway, "0@2")).toMatchObject({ status: "SUCCESS", species: "versicolor" });
  expect((await gateway.get("/tasks/0@3")).status).toBe(404);
});

test("the list: newest first, by status, worker and species, page by page", async () => {
  const gateway = await withOnePartition();
  const flowers = sampleMeasurements(9);
  await gateway.post("/tasks", flowers);
  const first = startWorker("first", 0);
  const listed = async (query: string) => (await gateway.get(`/tasks${query}`)).json.tasks;
  await eventually(async () => (await listed("?status=SUCCESS")).length === 9);
  await first.stop();
  const second = startWorker("second", 0);
  await untilFinal(gateway, await post(gateway, VERSICOLOR));
  await second.stop();
  const waiting = await post(gateway, SETOSA);

  const all = await listed("");
  const offsets: number[] = all.map(({ offset }: { offset: number }) => offset);
  expect(offsets.slice(0, 2)).toEqual([10, 9]);
  // Those of one request came in the same millisecond: then their ids decide.
  expect(offsets.slice(2).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const times: string[] = all.map(({ accepted_at }: { accepted_at: string }) => accepted_at);
  expect(times).toEqual(times.toSorted().reverse());
  expect(all[0]).toMatchObject({ task_id: waiting, status: "PENDING" });
  expect(await listed("?status=PENDING")).toHaveLength(1);
  expect(await listed("?status=FAILED")).toEqual([]);
  expect(await listed("?worker=second")).toEqual([all[1]]);
  expect(await listed("?worker=nobody")).toEqual([]);
  const setosas = await listed("?species=setosa&status=SUCCESS&worker=first");
  expect(setosas).toHaveLength(3);
  expect(setosas.map(({ X }: { X: unknown }) => X)).toEqual(
    expect.arrayContaining(flowers.filter((_, number) => speciesOfSample(number) === "setosa")),
  );

  const idsOf = (tasks: { task_id: string }[]) => tasks.map(({ task_id }) => task_id);
  for (const query of ["", "&status=SUCCESS"]) {
    const seen: string[] = [];
    for (let before = ""; ; ) {
      const { tasks, next } = (await gateway.get(`/tasks?limit=4${before}${query}`)).json;
      expect(tasks.length).toBeLessThanOrEqual(4);
      seen.push(...idsOf(tasks));
      if (next === undefined) break;
      // What comes in between does not move the pages.
      if (before === "") await post(gateway);
      before = `&before=${next}`;
    }
    expect(seen).toEqual(idsOf(query === "" ? all : all.slice(1)));
  }
});

test("a parameter of the list that is wrong is named", async () => {
  const gateway = await startGateway(sandbox);
  for (const [query, field, expected, got] of [
    ["limit=0", "limit", "a whole number from 1 to 500", '"0"'],
    ["limit=501", "limit", "a whole number from 1 to 500", '"501"'],
    ["before=x", "before", "the `next` of an earlier answer", '"x"'],
    ["status=LOST", "status", "one of PENDING, STARTED, SUCCESS, FAILED, CANCELLED", '"LOST"'],
    ["species=rose", "species", "one of setosa, versicolor, virginica", '"rose"'],
    ["species=rose&species=setosa", "species", /^one of/, '["rose","setosa"]'],
    ["worker=", "worker", "a worker's name of 1 to 200 characters", '""'],
    ["sort=asc", "each parameter", "one of status, worker, species, before, limit", '"sort"'],
  ] as const) {
    const { status, json } = await gateway.get(`/tasks?${query}`);
    expect({ status, type: json.type, field: json.field, got: json.got }, query).toEqual({
      ...{ status: 422, type: "/problems/invalid-input", field, got },
    });
    expect(json.expected).toMatch(expected);
  }
});

test("an id that nobody knows: 404, whatever is asked of it; one that is none: 422", async () => {
  const gateway = await startGateway(sandbox);
  const id = "00000000-0000-4000-8000-000000000000";
  for (const path of ["", "/result", "/history", "?wait=60"]) {
    const { status, json } = await gateway.get(`/tasks/${id}${path}`);
    expect({ status, type: json.type }).toEqual({ status: 404, type: "/problems/unknown-task" });
  }
  expect((await gateway.del(`/tasks/${id}`)).status).toBe(404);
  for (const odd of [`x${"y".repeat(200)}`, "a%00b", "a%7Fb"]) {
    const { status, json } = await gateway.get(`/tasks/${odd}`);
    expect({ status, type: json.type }).toEqual({ status: 422, type: "/problems/invalid-input" });
  }
  for (const wait of ["-1", "61", "abc", ""])
    expect((await gateway.get(`/tasks/${id}?wait=${wait}`)).status).toBe(422);
});

test("the names of the Flask and Celery form, in all states", async () => {
  const gateway = await withOnePartition();
  const posted = await gateway.post("/elab", VERSICOLOR);
  const { task_id } = posted.json;
  expect(posted.status).toBe(202);
  expect(posted.json).toEqual({ task_id, status: "PENDING" });
  expect(posted.headers.get("location")).toBe(`/elab_status/${task_id}`);
  const status = async (id: string) => (await gateway.get(`/elab_status/${id}`)).json;
  const result = (id: string) => gateway.get(`/elab_result/${id}`);
  expect(await status(task_id)).toEqual({ task_id, status: "PENDING" });
  expect(await result(task_id)).toMatchObject({ status: 202, json: { task_id, status: "PENDING" } });

  startWorker("worker-1", 1);
  await eventually(async () => (await statusOf(gateway, task_id)) === "STARTED");
  expect(await status(task_id)).toEqual({ task_id, status: "PENDING" });
  await untilFinal(gateway, task_id);
  expect(await status(task_id)).toEqual({ task_id, status: "SUCCESS" });
  const { iris_type, species, probabilities, model } = loadClassifier().predict(VERSICOLOR as never);
  const facts = { worker: "worker-1", duration_ms: expect.any(Number) };
  const answer = { iris_type, species, probabilities, model, ...facts };
  expect(await result(task_id)).toMatchObject({
    status: 200,
    json: { task_id, status: "SUCCESS", result: answer },
  });

  await sandbox.send("tasks", [JSON.stringify({ task_id: "bad", X: 1 })]);
  await untilFinal(gateway, "bad");
  const cancelled = await post(gateway);
  await gateway.del(`/tasks/${cancelled}`);
  for (const id of ["bad", cancelled]) {
    expect(await status(id)).toEqual({ task_id: id, status: "FAILED" });
    const { status: code, json } = await result(id);
    expect({ code, json }).toEqual({
      code: 200,
      json: { task_id: id, status: "FAILED", error: expect.any(String) },
    });
  }
  for (const path of ["/elab_status/nobody", "/elab_result/nobody"])
    expect((await gateway.get(path)).status).toBe(404);
  const list = await gateway.post("/elab", [VERSICOLOR]);
  expect(list.status).toBe(422);
  expect(list.json).toMatchObject({ field: "the body" });
});
