/** The gateway as a program: how it starts and ends, what it keeps, and whom it lets in. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { sampleMeasurements } from "../../common/samples.ts";
import { openDatabase } from "../../common/sqlite.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { run } from "../../lab/harness/programs.ts";
import { GATEWAY, type Gateway, startGateway, untilFinal } from "../../tests/support/gateway.ts";
import { eventually } from "../../tests/support/kafka_state.ts";
import { rawRequest, sendRaw } from "../../tests/support/raw_http.ts";

const [FLOWER] = sampleMeasurements(1);

let sandbox: KafkaSandbox;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
});
afterEach(() => sandbox.close());

const viewFile = ({ folder }: Gateway) => join(folder, "gateway", "view.db");

async function groupsOf({ admin, prefix }: KafkaSandbox): Promise<string[]> {
  const { groups } = await admin.listGroups();
  return groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(prefix));
}

/** All tasks as the gateway tells them, newest first, without what moves by itself. */
async function tasksOf(gateway: Gateway): Promise<Record<string, unknown>[]> {
  const { tasks } = (await gateway.get("/tasks?limit=500")).json;
  return tasks.map(({ position, as_of, eta_seconds, ...task }: Record<string, unknown>) => task);
}

/** Resolves when the view has the task. */
async function post(gateway: Gateway): Promise<string> {
  const { status, json, text } = await gateway.post("/tasks", FLOWER);
  expect(status, text).toBe(202);
  expect((await gateway.get(`/tasks/${json.task_id}`)).status).toBe(200);
  return json.task_id;
}

test("without the stages' topics it is not ready, and says why", async () => {
  const gateway = await startGateway(sandbox);
  await gateway.ready();
  await sandbox.admin.deleteTopics({ topics: [sandbox.topic("tasks"), sandbox.topic("results")] });
  const isSaid = /^2 topics missing .*kafka_setup\.ts, then ask again$/;
  await eventually(async () => {
    const { status, json } = await gateway.get("/health/ready");
    return status === 503 && json.type === "/problems/not-ready" && isSaid.test(json.detail);
  });
  await sandbox.run("5_task_queue/kafka_setup.ts");
  await gateway.ready();
  await post(gateway);
});

describe("the program", () => {
  test("says where it listens, is ready, and leaves nothing behind", async () => {
    const gateway = await startGateway(sandbox);
    expect(gateway.program.lines.map(({ text }) => text)).toEqual([
      `Gateway on http://localhost:${gateway.port} (pid ${gateway.program.pid}, Ctrl-C stops)`,
    ]);
    expect(await gateway.get("/health/live")).toMatchObject({ status: 200, json: { status: "live" } });
    await gateway.ready();
    expect((await gateway.get("/health/ready")).json).toEqual({ status: "ready", behind: 0 });
    expect(await groupsOf(sandbox)).not.toEqual([]);
    expect(await gateway.close()).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await groupsOf(sandbox)).toEqual([]);
  });

  test("has help, and says in one line what is wrong with its options", async () => {
    const help = await run(GATEWAY, ["--help"]);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    for (const option of ["--port", "--host", "--allow-host", "--data", "--db", "--keep", "Example:"])
      expect(help.stdout).toContain(option);
    for (const args of [
      ["--port", "65536"],
      ["--port", "x"],
      ["--keep", "soon"],
      ["--colour", "red"],
    ]) {
      const { exitCode, stderr, stdout } = await run(GATEWAY, args);
      expect({ exitCode, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({
        ...{ exitCode: 2, stdout: "", lines: 1 },
      });
    }
  });

  test("says in one line that another uses its port, or its view", async () => {
    const gateway = await startGateway(sandbox);
    const start = (...args: string[]) => sandbox.run(GATEWAY, args);
    const other = join(gateway.folder, "other");
    const port = await start("--port", String(gateway.port), "--data", other);
    const advice = `stop the other program, or take another port with --port ${gateway.port + 1}`;
    expect(port).toMatchObject({
      ...{ exitCode: 1, stdout: "", stderr: `Port ${gateway.port} is in use: ${advice}\n` },
    });
    const view = await start("--port", "0", "--data", join(gateway.folder, "gateway"));
    expect(view).toMatchObject({ exitCode: 1, stdout: "" });
    expect(view.stderr).toMatch(
      /^Another gateway uses \S+view\.db: choose another --data, or end that one\n$/,
    );
    // The first one has not noticed.
    expect((await gateway.get("/health/live")).status).toBe(200);
    await post(gateway);
    expect(await gateway.close()).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("says in one line that there is no Kafka", async () => {
    const nowhere = { KAFKA_BROKERS: "localhost:9" };
    const { exitCode, stdout, stderr } = await run(GATEWAY, ["--port", "0"], { env: nowhere });
    expect({ exitCode, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({
      ...{ exitCode: 1, stdout: "", lines: 1 },
    });
    expect(stderr).toContain("localhost:9");
  });

  test("ends while clients wait: they are answered or cut off, and it does not hang", async () => {
    const gateway = await startGateway(sandbox);
    const id = await post(gateway);
    const waiting = ["?wait=60", "?wait=60", "/result"].map((what) =>
      gateway.get(`/tasks/${id}${what}`).then(
        ({ status }) => status,
        () => "cut off",
      ),
    );
    await waiting[2];
    expect(await gateway.close()).toMatchObject({ exitCode: 0, stderr: "" });
    for (const answer of await Promise.all(waiting)) expect([200, 202, 503, "cut off"]).toContain(answer);
  });
});

describe("the view", () => {
  /** Of each kind one: answered, failed, cancelled, waiting. */
  async function fill(gateway: Gateway): Promise<void> {
    const worker = sandbox.start("application/worker.ts", ["--name", "worker-1", "--inference-time", "0.05"]);
    await sandbox.send("tasks", [JSON.stringify({ task_id: "bad", X: 1 }), "rubbish"]);
    await untilFinal(gateway, await post(gateway));
    await untilFinal(gateway, "bad");
    await eventually(async () => (await gateway.get("/tasks?status=FAILED")).json.tasks.length === 2);
    await worker.stop();
    await gateway.del(`/tasks/${await post(gateway)}`);
    await post(gateway);
  }

  test("goes on from its offsets after kill -9, with what came meanwhile", async () => {
    const gateway = await startGateway(sandbox);
    await fill(gateway);
    const before = await tasksOf(gateway);
    await gateway.kill();
    // A mark that no message bears: a view that was made anew would not have it.
    const database = openDatabase(viewFile(gateway));
    database.exec("UPDATE task SET model = 'marked' WHERE status = 2");
    database.close();
    await sandbox.send("tasks", [JSON.stringify({ task_id: "meanwhile", X: FLOWER })]);
    await gateway.restart();
    await gateway.ready();
    const [newest, ...rest] = await tasksOf(gateway);
    expect(newest).toMatchObject({ task_id: "meanwhile", status: "PENDING" });
    const marked = before.map((task) => (task.status === "SUCCESS" ? { ...task, model: "marked" } : task));
    expect(rest).toEqual(marked);

    // Without its file it is made anew, and says what it said before.
    await gateway.kill();
    rmSync(join(gateway.folder, "gateway"), { recursive: true });
    await gateway.restart();
    await gateway.ready();
    const again = await tasksOf(gateway);
    const byId = (tasks: Record<string, unknown>[]) =>
      tasks.toSorted((a, b) => String(a.task_id).localeCompare(String(b.task_id)));
    expect(byId(again)).toEqual(byId([newest as Record<string, unknown>, ...before]));
    expect(await gateway.close()).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("kill -9 again and again while tasks come: each that got its 202 is known", async () => {
    const gateway = await startGateway(sandbox);
    const ids: string[] = [];
    let isOver = false;
    const client = async () => {
      while (!isOver) {
        const answer = await gateway.post("/tasks", FLOWER).catch(() => undefined);
        if (answer?.status === 202) ids.push(answer.json.task_id);
        else await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const clients = [client(), client(), client()];
    for (let kills = 0; kills < 3; kills += 1) {
      const count = ids.length;
      await eventually(async () => ids.length >= count + 100);
      await gateway.kill();
      await gateway.restart();
    }
    isOver = true;
    await Promise.all(clients);
    for (const id of ids) expect((await gateway.get(`/tasks/${id}`)).status, id).toBe(200);
  });
});

test("a finished task is forgotten after its time: 410, and what it counts for stays", async () => {
  const gateway = await startGateway(sandbox, { args: ["--keep", "2s"] });
  const done = await post(gateway);
  const worker = sandbox.start("application/worker.ts");
  await untilFinal(gateway, done);
  await worker.stop();
  const waiting = await post(gateway);
  const check = async () => {
    await eventually(async () => (await gateway.get(`/tasks/${done}`)).status === 410);
    for (const path of [`/tasks/${done}`, `/tasks/${done}/result`, `/tasks/${done}/history`]) {
      const { status, json } = await gateway.get(path);
      expect({ status, type: json.type }).toEqual({ status: 410, type: "/problems/forgotten" });
    }
    expect((await gateway.get(`/elab_status/${done}`)).status).toBe(410);
    expect((await gateway.del(`/tasks/${done}`)).status).toBe(410);
    expect((await gateway.get("/tasks/00000000-0000-4000-8000-000000000000")).status).toBe(404);
    expect((await gateway.get(`/tasks/${waiting}`)).json).toMatchObject({ status: "PENDING" });
    expect((await gateway.get("/tasks")).json.tasks).toHaveLength(1);
    expect((await gateway.get("/queue")).json.totals).toMatchObject({ accepted: 2, answered: 1 });
  };
  await check();
  await gateway.kill();
  await gateway.restart();
  await check();
  // A view that is made anew reads of it, and does not keep it.
  await gateway.close();
  rmSync(join(gateway.folder, "gateway"), { recursive: true });
  await gateway.restart();
  await check();
});

describe("what is asked", () => {
  test("HEAD is GET without a body; another method is 405 and names those there are; another path 404", async () => {
    const gateway = await startGateway(sandbox);
    await gateway.ready();
    const id = await post(gateway);
    for (const path of ["/tasks", `/tasks/${id}`, "/health/ready", "/queue", "/openapi.json"]) {
      const { status, text, headers } = await gateway.ask("HEAD", path);
      expect({ status, text }, path).toEqual({ status: 200, text: "" });
      expect(headers.get("content-type")).toMatch("application/json");
    }
    for (const [method, path, allow] of [
      ["PUT", "/tasks", "GET, HEAD, POST"],
      ["DELETE", "/tasks", "GET, HEAD, POST"],
      ["POST", `/tasks/${id}`, "DELETE, GET, HEAD"],
      ["PATCH", `/tasks/${id}/result`, "GET, HEAD"],
      ["GET", "/elab", "POST"],
      ["OPTIONS", "/queue", "GET, HEAD"],
    ] as const) {
      const { status, json, headers } = await gateway.ask(method, path);
      expect({ status, type: json.type, allow: headers.get("allow") }, `${method} ${path}`).toEqual({
        ...{ status: 405, type: "/problems/method-not-allowed", allow },
      });
    }
    for (const path of ["/nothing", "/Tasks", "//tasks", `/tasks/${id}/nothing`, "/queue/"]) {
      const { status, json } = await gateway.get(path);
      expect({ status, type: json.type }, path).toEqual({ status: 404, type: "/problems/not-found" });
    }
    // Whoever forgot the id is told so.
    for (const path of ["/tasks/", "/tasks//result"])
      expect((await gateway.get(path)).json).toMatchObject({
        status: 422,
        field: "the task's id",
        got: '""',
      });
  });

  test("a page of another site changes nothing, and a name that is not its own is not answered", async () => {
    const gateway = await startGateway(sandbox, { args: ["--allow-host", "iris.example.org"] });
    const id = await post(gateway);
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      for (const [method, path, body] of [
        ["POST", "/tasks", FLOWER],
        ["POST", "/elab", FLOWER],
        ["DELETE", `/tasks/${id}`, undefined],
        ["POST", "/dead-letters/0/0/replay", undefined],
      ] as const) {
        const { status, json } = await gateway.ask(method, path, body, headers);
        expect({ status, type: json.type }).toEqual({ status: 403, type: "/problems/foreign-origin" });
      }
    }
    const preflight = { origin: "https://evil.example", "access-control-request-method": "POST" };
    const { status, headers } = await gateway.ask("OPTIONS", "/tasks", undefined, preflight);
    expect(status).toBe(405);
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);

    const as = (host: string) => sendRaw(gateway.port, rawRequest("GET", `/tasks/${id}`, { host }));
    expect(await as("evil.example")).toMatchObject({ status: 421 });
    expect(await as(`evil.example:${gateway.port}`)).toMatchObject({ status: 421 });
    expect(await as("iris.example.org")).toMatchObject({ status: 200 });
    const own = { origin: gateway.url, "sec-fetch-site": "same-origin" };
    expect((await gateway.post("/tasks", FLOWER, own)).status).toBe(202);
    expect(await sandbox.readAll("tasks")).toHaveLength(2);
  });
});
