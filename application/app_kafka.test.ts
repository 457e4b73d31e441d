/** `npm run app` as a newcomer runs it: it starts all, keeps it running, and leaves nothing behind. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../lab/harness/kafka_sandbox.ts";
import { isAlive } from "../lab/harness/owner.ts";
import { run } from "../lab/harness/programs.ts";
import { FLOWER, get, hasEnded, json, opens, pidOf, post, ROLES } from "../tests/support/application.ts";
import { eventually } from "../tests/support/kafka_state.ts";
import { rawRequest, sendRaw } from "../tests/support/raw_http.ts";

const APP = "application/app.ts";

let sandbox: KafkaSandbox;
let data: string;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  data = join(mkdtempSync(join(tmpdir(), "iris-app-")), "data");
});
afterEach(async () => {
  await sandbox.close();
  rmSync(join(data, ".."), { recursive: true, maxRetries: 20 });
});

const startApp = (...args: string[]) => sandbox.start(APP, ["--port", "0", "--data", data, ...args]);

test("all roles are ready, a task is answered and stored, Ctrl-C ends all", async () => {
  const app = startApp("--allow-host", "iris.example.org");
  const url = await opens(app);
  expect(app.lines.map(({ text }) => text).slice(0, 2)).toEqual([
    `Kafka      KAFKA_BROKERS=${inject("kafkaBrokers")}`,
    `topics     ${sandbox.topic("tasks")} has 12 partitions`,
  ]);
  expect(app.lines.at(-1)?.text).toBe(`Open ${url} (Ctrl-C stops all)`);
  const pids = await Promise.all(ROLES.map((role) => pidOf(app, role)));

  const answer = await post(`${url}/tasks`, FLOWER);
  expect(await json(answer)).toMatchObject({ status: "SUCCESS", iris_type: 1 });
  await eventually(async () => (await get(`${url}/results`)).results?.length === 1);
  const named = rawRequest("GET", "/health/live", { host: "iris.example.org" });
  expect((await sendRaw(Number(new URL(url).port), named)).status).toBe(200);
  expect(readdirSync(data)).toEqual(expect.arrayContaining(["predictions.db", "view.db"]));

  const exit = await app.stop("SIGINT");
  expect(exit).toMatchObject({ exitCode: 0, stderr: "" });
  expect(exit.stdout.trimEnd().split("\n").at(-1)).toMatch(/^Ending all/);
  expect(pids.filter(isAlive)).toEqual([]);
  // Each has left its group, so nobody has to wait for its session to end.
  const { groups } = await sandbox.admin.describeGroups([`${sandbox.prefix}task_consumer_group`]);
  expect(groups[0]?.members).toEqual([]);
});

test.skipIf(process.platform === "win32")(
  "whoever is killed comes back, and the application says so",
  async () => {
    const app = startApp();
    const url = await opens(app);
    for (const [role, pause] of [
      ["gateway", "0.5 s"],
      ["persister", "0.5 s"],
      ["worker-2", "7 s"],
    ] as const) {
      const mark = app.mark();
      const pid = await pidOf(app, role);
      process.kill(pid, "SIGKILL");
      await app.waitFor(
        new RegExp(`^${role} +was killed by SIGKILL; it is started again in ${pause}$`),
        mark,
      );
      expect(await pidOf(app, role, true, mark)).not.toBe(pid);
    }
    // The gateway that came later knows the workers, the last one too.
    const seen = async () => (await get(`${url}/queue`)).workers;
    const pid = await pidOf(app, "worker-2", true);
    await eventually(async () =>
      (await seen()).some((worker) => worker.name === "worker-2" && worker.pid === pid),
    );
    expect((await seen()).map((worker) => worker.pid !== undefined)).toEqual([true, true, true]);
    expect(await json(await post(`${url}/tasks`, FLOWER))).toMatchObject({ status: "SUCCESS" });

    // Twice in a row: the pause grows.
    const mark = app.mark();
    process.kill(await pidOf(app, "gateway", true), "SIGKILL");
    await app.waitFor(/^gateway +was killed by SIGKILL; it is started again in 1 s$/, mark);
    // Also while somebody is away, Ctrl-C ends all.
    expect((await app.stop("SIGTERM")).exitCode).toBe(0);
  },
);

test.skipIf(process.platform === "win32")("kill -9 of the application leaves no process", async () => {
  // Tasks that take longer than anybody would wait for.
  const app = startApp("--inference-time", "600", "--workers", "2", "--cpu-bound");
  const url = await opens(app);
  const pids = await Promise.all(
    ["gateway", "worker-1", "worker-2", "persister"].map((role) => pidOf(app, role)),
  );
  await post(`${url}/controls/tasks`, { count: 24 });
  await eventually(async () => (await get(`${url}/queue`)).totals.in_progress === 2);
  await app.kill();
  await hasEnded(...pids);
});

describe("controls", () => {
  test("send flowers and rubbish, add, stop and kill workers", async () => {
    const app = startApp("--workers", "1", "--inference-time", "0.01");
    const url = await opens(app);
    expect(await get(`${url}/controls`)).toEqual({ available: true });
    const { tasks } = await json(await post(`${url}/controls/tasks`, { count: 24 }));
    expect(tasks).toHaveLength(24);
    const answers = await Promise.all(tasks.map(({ task_id }) => get(`${url}/tasks/${task_id}?wait=30`)));
    expect(new Set(answers.map(({ X }) => X.sepal_length)).size).toBeGreaterThan(3);
    await eventually(async () => (await get(`${url}/queue`)).totals.answered === 24);
    const counts = await get(`${url}/tasks?status=SUCCESS&limit=50`);
    const species = new Set(counts.tasks.map((task) => task.species));
    expect(species).toEqual(new Set(["setosa", "versicolor", "virginica"]));

    const rubbish = await json(await post(`${url}/controls/rubbish`));
    await eventually(async () => (await get(`${url}/dead-letters`)).total === 1);
    const [letter] = (await get(`${url}/dead-letters`)).dead_letters;
    expect(letter).toMatchObject({
      original: { partition: rubbish.partition, offset: rubbish.offset },
      value: { text: rubbish.value },
    });

    const workers = async () => (await get(`${url}/queue`)).workers;
    const added = await post(`${url}/controls/workers`);
    expect(added.status).toBe(201);
    const { worker, pid } = await json(added);
    expect(worker).toBe("worker-2");
    expect(await pidOf(app, "worker-2")).toBe(pid);
    await eventually(async () => (await workers()).some((seen) => seen.name === worker && seen.pid === pid));

    const mark = app.mark();
    const killed = await post(`${url}/controls/workers/worker-2/kill`);
    expect([killed.status, await json(killed)]).toEqual([202, { worker, pid }]);
    await eventually(async () =>
      (await workers()).some(({ name, state }) => name === worker && state === "gone"),
    );
    const again = await post(`${url}/controls/workers/worker-2/stop`);
    expect([again.status, (await json(again)).type]).toEqual([409, "/problems/worker-not-running"]);
    await pidOf(app, "worker-2", true, mark);
    expect((await post(`${url}/controls/workers/worker-2/stop`)).status).toBe(202);
    await app.waitFor(/^worker-2 +has left$/, mark);
    await eventually(
      async () => !(await workers()).some(({ name, state }) => name === worker && state !== "gone"),
    );

    const unknown = await post(`${url}/controls/workers/nobody/kill`);
    expect([unknown.status, (await json(unknown)).type]).toEqual([404, "/problems/unknown-worker"]);
    for (const body of [{ count: 0 }, { count: 10_001 }, { count: "1" }, {}, [1]]) {
      const refused = await post(`${url}/controls/tasks`, body);
      expect([refused.status, (await json(refused)).type]).toEqual([422, "/problems/invalid-input"]);
    }
    // From another site, and for another one.
    const foreign = { method: "POST", headers: { origin: "http://example.org" } };
    expect((await fetch(`${url}/controls/workers/worker-1/kill`, foreign)).status).toBe(403);
    const passedOn = { method: "POST", headers: { "x-forwarded-for": "192.0.2.1" } };
    expect((await fetch(`${url}/controls/workers/worker-1/kill`, passedOn)).status).toBe(404);
    expect(await pidOf(app, "worker-1")).toSatisfy(isAlive);
  });

  test("are not there where no application has started the gateway", async () => {
    const gateway = sandbox.start("application/gateway/program.ts", ["--port", "0", "--data", data], {
      env: { IRIS_APP: "1" },
    });
    const [, url = ""] = await gateway.waitFor(/^Gateway on (http:\S+)/);
    expect(await get(`${url}/controls`)).toEqual({ available: false });
    for (const path of ["workers", "workers/worker-1/kill", "workers/worker-1/stop", "rubbish", "tasks"]) {
      const refused = await post(`${url}/controls/${path}`, path === "tasks" ? { count: 1 } : undefined);
      expect([refused.status, (await json(refused)).type]).toEqual([404, "/problems/no-controls"]);
    }
  });
});

test("a tasks topic of one partition stays, and it says what that means; no worker is all right", async () => {
  await sandbox.run("5_task_queue/kafka_setup.ts", ["--partitions", "1"]);
  const app = startApp("--workers", "0");
  const url = await opens(app);
  await app.waitFor(
    /^topics +\S*tasks has 1 partition: one worker works at a time; raise it with npx tsx 5_task_queue\/kafka_setup.ts$/,
  );
  await eventually(async () => (await get(`${url}/queue`)).lanes.length === 1);
  expect((await app.stop()).exitCode).toBe(0);
});

describe("it cannot be started", () => {
  test("a port that is taken is one line, before anything is started", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    const { exitCode, stdout, stderr } = await sandbox.run(APP, ["--port", String(port)]);
    taken.close();
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toBe(
      `Port ${port} is in use: stop the other program, or take another port with --port ${port + 1}\n`,
    );
  });

  test.each([
    ["a role that gives up", { IRIS_MODEL: "none.json" }, 1, /^worker-\d: .*none\.json/],
    [
      "a role that is called wrongly",
      { THREADS: "x" },
      2,
      /^worker-\d: Expected the environment variable THREADS to be/,
    ],
    [
      "a wrong variable of its own",
      { INFERENCE_TIME: "x" },
      2,
      /^Expected the environment variable INFERENCE_TIME/,
    ],
    ["no Kafka", { KAFKA_BROKERS: "localhost:1" }, 1, /^No Kafka answers at localhost:1/],
  ])("%s ends it with its line", async (_, env, exitCode, line) => {
    const app = sandbox.start(APP, ["--port", "0", "--data", data], { env });
    const exit = await app.exited;
    expect(exit.exitCode).toBe(exitCode);
    expect(exit.stderr).toMatch(line);
    expect(exit.stderr.trimEnd().split("\n")).toHaveLength(1);
    for (const [, pid] of exit.stdout.matchAll(/\(pid (\d+)/g)) expect(isAlive(Number(pid))).toBe(false);
  });

  test.each([["--workers", "33"], ["--port", "x"], ["--inference-time", "-1"], ["--gone"]])(
    "%s %s is wrong usage",
    async (...args) => {
      expect((await run(APP, args)).exitCode).toBe(2);
    },
  );
});
