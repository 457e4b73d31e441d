/** Dead letters over HTTP: what was set aside, and its way back into the queue, once, at whatever gateway. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { type Gateway, startGateway } from "../../../tests/support/gateway.ts";
import { countCommitted, eventually } from "../../../tests/support/kafka_state.ts";
import { replayKey } from "../../claims_wire.ts";

const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

/** Has a worker set these aside, one after the other. It goes on running. */
async function setAside(values: (string | Buffer | null)[]) {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  for (const value of values) await sandbox.send("tasks", [value]);
  const worker = sandbox.start("5_task_queue/worker.ts", ["--name", "worker-1"]);
  await eventually(async () => (await countCommitted(sandbox, "task_consumer_group")) === values.length);
  return worker;
}

const lettersOf = async (gateway: Gateway, query = "") => (await gateway.get(`/dead-letters${query}`)).json;

test("a letter is listed with its bytes, replayed as it should have been, and answered", async () => {
  const large = "x".repeat(1_000_000);
  await setAside(["rubbish", Buffer.from([0xff, 0xfe]), null, large]);
  const gateway = await startGateway(sandbox);
  await gateway.ready();

  const { dead_letters, total } = await lettersOf(gateway);
  expect(total).toBe(4);
  expect(dead_letters.map(({ offset, value, size }: never) => ({ offset, value, size }))).toEqual([
    { offset: 3, value: { text: "x".repeat(2000), is_cut: true }, size: large.length },
    { offset: 2 },
    { offset: 1, value: { hex: "fffe" }, size: 2 },
    { offset: 0, value: { text: "rubbish" }, size: 7 },
  ]);
  const pages = [await lettersOf(gateway, "?limit=3")];
  pages.push(await lettersOf(gateway, `?limit=3&before=${pages[0].next}`));
  expect(pages.map((page) => page.dead_letters.length)).toEqual([3, 1]);
  expect(pages[1]).not.toHaveProperty("next");
  expect((await gateway.get("/dead-letters/0/3")).json.value).toEqual({ text: large });

  // As it was, no worker could read it now either; with the measurements any worker can.
  const path = "/dead-letters/0/0/replay";
  expect(await gateway.post(path)).toMatchObject({
    status: 422,
    json: { type: "/problems/unreadable", field: "the message", expected: "JSON", got: '"rubbish"' },
  });
  const replayed = await gateway.post(path, X);
  expect(replayed).toMatchObject({ status: 202, json: { status: "PENDING", replay_of: "0/0" } });
  const { task_id } = replayed.json;
  expect(replayed.headers.get("location")).toBe(`/tasks/${task_id}`);
  await eventually(async () => (await gateway.get(`/tasks/${task_id}`)).json.status === "SUCCESS");
  expect((await gateway.get(`/tasks/${task_id}`)).json).toMatchObject({ X, replay_of: "0/0" });
  expect((await gateway.get("/dead-letters/0/0")).json).toMatchObject({ replayed_as: task_id });

  expect(await gateway.post(path, X)).toMatchObject({
    status: 409,
    json: { type: "/problems/already-replayed", replayed_as: task_id },
  });
  expect((await gateway.post(`${path}?again=true`, JSON.stringify("6,3,4,1"))).status).toBe(202);
  // The first one stands for the letter.
  expect((await gateway.get("/dead-letters/0/0")).json.replayed_as).toBe(task_id);
});

test("twenty who replay one letter at the same time, at two gateways: one task", async () => {
  await setAside(["rubbish"]);
  const gateways = await Promise.all([startGateway(sandbox), startGateway(sandbox)]);
  const wishes = Array.from({ length: 20 }, (_, index) => gateways[index % 2] as Gateway);
  const answers = await Promise.all(wishes.map((gateway) => gateway.post("/dead-letters/0/0/replay", X)));
  const done = answers.filter(({ status }) => status === 202);
  expect(done.length).toBe(1);
  const others = answers.filter(({ status }) => status !== 202);
  expect(others.map(({ status, json }) => `${status} ${json.replayed_as}`)).toEqual(
    others.map(() => `409 ${done[0]?.json.task_id}`),
  );
  expect(
    (await sandbox.readAll("tasks")).filter(({ headers }) => headers["replay-of"] === "0/0").length,
  ).toBe(1);
});

test("the command and two gateways at the same time: one task", async () => {
  await setAside(["rubbish"]);
  const gateways = await Promise.all([startGateway(sandbox), startGateway(sandbox)]);
  const [commands, answers] = await Promise.all([
    Promise.all(
      [1, 2, 3].map(() =>
        sandbox.run("application/dead_letters.ts", ["--replay", "0/0", "--edit", "6,3,4,1"]),
      ),
    ),
    Promise.all(gateways.map((gateway) => gateway.post("/dead-letters/0/0/replay", X))),
  ]);
  const told = [
    ...commands.map(({ exitCode, stdout }) => (exitCode === 0 ? "done" : stdout)),
    ...answers.map(({ status }) => (status === 202 ? "done" : String(status))),
  ];
  expect(told.filter((each) => each === "done")).toEqual(["done"]);
  const replays = (await sandbox.readAll("tasks")).filter(({ headers }) => headers["replay-of"] === "0/0");
  expect(replays.length).toBe(1);
  const [id] = replays.map(({ value }) => JSON.parse(value ?? "").task_id);
  for (const { exitCode, stderr } of commands) {
    const refusal = `The dead letter 0/0 has been replayed as ${id}: --again replays it once more\n`;
    if (exitCode !== 0) expect(stderr).toBe(refusal);
  }
});

test("the turn of a command that died over it comes to the next one", async () => {
  await setAside(["rubbish"]);
  const [letter] = await sandbox.readAll("tasks-dlt");
  const id = "00000000-0000-4000-8000-000000000000";
  await sandbox.admin.createTopics({ topics: [{ topic: sandbox.topic("idempotency-keys") }] });
  await sandbox.send("idempotency-keys", [
    { key: replayKey("0/0", letter?.timestamp ?? 0), value: JSON.stringify({ id, hash: "" }) },
  ]);
  const { stdout } = await sandbox.run("application/dead_letters.ts", [
    "--replay",
    "0/0",
    "--edit",
    "6,3,4,1",
  ]);
  // Under the id that was claimed first: had that one been sent after all, it would be the same task.
  expect(stdout).toContain(`as the task ${id}`);
});

test("the command knows what a gateway has replayed, and a gateway what the command has", async () => {
  const worker = await setAside(["rubbish", "more of it"]);
  const gateway = await startGateway(sandbox);
  const { json } = await gateway.post("/dead-letters/0/1/replay", X);
  expect(
    await sandbox.run("application/dead_letters.ts", ["--replay", "0/1", "--edit", "6,3,4,1"]),
  ).toMatchObject({
    exitCode: 1,
    stderr: `The dead letter 0/1 has been replayed as ${json.task_id}: --again replays it once more\n`,
  });
  const command = await sandbox.run("application/dead_letters.ts", ["--replay", "0/0", "--edit", "6,3,4,1"]);
  const [, id] = /as the task (\S+):/.exec(command.stdout) ?? [];
  expect(await gateway.post("/dead-letters/0/0/replay", X)).toMatchObject({
    status: 409,
    json: { replayed_as: id },
  });
  // Rubbish that comes while the gateway runs is there as soon as somebody asks for it.
  await sandbox.send("tasks", ["the last"]);
  await worker.waitFor(/^Dead letter: partition 0, offset 4:/);
  await eventually(async () => (await gateway.get("/dead-letters/0/2")).status === 200);
});
