/** A real Prometheus scrapes a gateway with tasks: every panel has data, and alerts fire. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { ROOT } from "../../lab/harness/programs.ts";
import { type Gateway, startGateway } from "../../tests/support/gateway.ts";
import { eventually } from "../../tests/support/kafka_state.ts";
import { hasPrometheus, type Prometheus, promtool, startPrometheus } from "../../tests/support/prometheus.ts";

const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
const FOLDER = join(ROOT, "application", "monitoring");

interface Panel {
  title: string;
  targets: { expr: string }[];
}

describe.skipIf(!hasPrometheus())("monitoring", () => {
  let sandbox: KafkaSandbox;
  let gateway: Gateway;
  let folder: string;
  let prometheus: Prometheus;

  beforeEach(async () => {
    sandbox = await openSandbox(inject("kafkaBrokers"));
    gateway = await startGateway(sandbox);
    folder = await mkdtemp(join(tmpdir(), "iris-monitoring-"));
    await cp(FOLDER, folder, { recursive: true });
    await writeFile(join(folder, "gateways.yml"), `- targets: ["localhost:${gateway.port}"]\n`);
    // The same, only faster.
    const config = await readFile(join(folder, "prometheus.yml"), "utf8");
    await writeFile(join(folder, "prometheus.yml"), config.replaceAll("5s", "1s"));
    prometheus = await startPrometheus(join(folder, "prometheus.yml"));
  });
  afterEach(async () => {
    await prometheus?.close();
    await sandbox.close();
    await rm(folder, { recursive: true });
  });

  const sample = async (expression: string) => (await prometheus.query(expression))[0]?.value;

  test("every panel has data, figures are exact, and the alerts fire", async () => {
    // Nobody works yet: so says the alert that comes first.
    await eventually(async () => (await sample('ALERTS{alertname="NoWorker"}')) === 1);
    expect(await sample("max(iris_dead_letters_total)")).toBe(0);
    const worker = sandbox.start("application/worker.ts", ["--name", "worker-1", "--inference-time", "0.01"]);
    const persister = sandbox.start("application/persister.ts", ["--db", gateway.db]);
    await sandbox.send("tasks", ["rubbish"]);
    let posted = 0;
    const post = async () => {
      expect((await gateway.post("/tasks", Array(10).fill(X))).status).toBe(202);
      posted += 10;
    };
    const { panels } = JSON.parse(await readFile(join(folder, "grafana/dashboards/iris_queue.json"), "utf8"));
    const expressions = (panels as Panel[]).flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ title, expr: expr.replaceAll("$__rate_interval", "10s") })),
    );
    // Rates need some scrapes while something happens.
    const empty = async () => {
      await post();
      const answers = await Promise.all(expressions.map(({ expr }) => prometheus.query(expr)));
      const hasData = answers.map((samples) => samples.some(({ value }) => Number.isFinite(value)));
      return expressions.filter((_, index) => !hasData[index]);
    };
    await eventually(async () => (await empty()).length === 0);

    await eventually(async () => (await sample("iris_tasks_in_flight")) === 0);
    await eventually(async () => (await sample('iris_tasks_total{outcome="success"}')) === posted);
    expect(await sample('iris_tasks_total{outcome="failed"}')).toBe(1);
    expect(await sample("iris_tasks_accepted_total")).toBe(posted + 1);
    expect(await sample("iris_task_run_seconds_count")).toBe(posted);
    expect(await sample("sum(kafka_topic_partition_current_offset{topic=~'.*tasks'})")).toBe(posted + 1);
    const firing = async () =>
      (await prometheus.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric);
    await eventually(async () => (await firing()).length > 0);
    expect(await firing()).toMatchObject([{ alertname: "DeadLettersGrow" }]);
    const { groups } = await prometheus.get("/api/v1/rules");
    const health = groups.flatMap(({ rules }: { rules: { health: string }[] }) =>
      rules.map((rule) => rule.health),
    );
    expect(health).toEqual(Array(6).fill("ok"));
    await Promise.all([worker.stop(), persister.stop()]);
  });

  test("promtool finds no fault with /metrics; no label is a task's id or an unknown path", async () => {
    const { task_id } = (await gateway.post("/tasks", X)).json;
    await gateway.get(`/tasks/${task_id}`);
    for (const path of ["/nothing", `/nothing/${task_id}`, "/board/../../etc/passwd"])
      await gateway.get(path);
    await gateway.ask("PATCH", "/tasks");
    await eventually(async () => (await gateway.get("/metrics")).text.includes('route="unmatched"'));
    const { text, headers } = await gateway.get("/metrics");
    expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const { exitCode, all } = await promtool(["check", "metrics"], text);
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: "" });
    expect(text).not.toContain(task_id);
    const routes = [...text.matchAll(/http_request_duration_seconds_count\{.*route="([^"]*)"/g)];
    const names = new Set(routes.map(([, route]) => route));
    for (const route of ["/tasks", "/tasks/:id", "unmatched"]) expect(names).toContain(route);
    expect([...names].filter((name) => name?.includes("nothing") || name?.includes("passwd"))).toEqual([]);
    // Also when nobody consumes.
    const end = /^kafka_topic_partition_current_offset\{topic="\S+tasks",partition="\d+"\} 1$/m;
    await eventually(async () => end.test((await gateway.get("/metrics")).text));
  });

  test("a view that is made anew tells no smaller totals: they would count as new tasks", async () => {
    await gateway.post("/tasks", Array(50).fill(X));
    await eventually(async () => (await sample("iris_tasks_accepted_total")) === 50);
    await gateway.kill();
    await rm(join(gateway.folder, "gateway"), { recursive: true });
    await gateway.restart();
    await gateway.post("/tasks", [X]);
    await eventually(async () => (await sample("iris_tasks_accepted_total")) === 51);
    expect(await sample("resets(iris_tasks_accepted_total[5m])")).toBe(0);
  });
});
