/** The persister's results over HTTP: a database that comes, grows, and is made anew. */
import { rmSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../../../common/sqlite.ts";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { storedRows } from "../../../lab/harness/lines.ts";
import { type Gateway, startGateway } from "../../../tests/support/gateway.ts";
import { makeTasks } from "../../../tests/support/kafka_state.ts";

const COUNT = 30;

let sandbox: KafkaSandbox;
let gateway: Gateway;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  gateway = await startGateway(sandbox);
});
afterEach(() => sandbox.close());

const persister = () => sandbox.start("application/persister.ts", ["--db", gateway.db]);

/** Has so many flowers answered, and a message that no worker can read. */
async function answer(count: number): Promise<void> {
  const values = makeTasks(count).map(({ value }) => value);
  await sandbox.send("tasks", [...values, '{"task_id":"bad","X":5}']);
  sandbox.start("5_task_queue/worker.ts", ["--name", "=worker"]);
}

test("results appear when a persister has stored them, in pages and as CSV", async () => {
  expect(await gateway.get("/results")).toMatchObject({
    status: 503,
    json: { type: "/problems/no-database", detail: expect.stringContaining("start a persister") },
  });
  expect((await gateway.get("/results.csv")).status).toBe(503);
  await answer(COUNT);
  const storing = persister();
  await storedRows(storing, COUNT);

  const all = await gateway.get("/results");
  expect(all.json.results.length).toBe(COUNT + 1);
  expect(all.json.counts).toEqual({ setosa: 10, versicolor: 10, virginica: 10, failed: 1, cancelled: 0 });
  const pages: string[] = [];
  for (let next = ""; ; ) {
    const { json } = await gateway.get(`/results?limit=7${next}`);
    pages.push(...json.results.map((result: { task_id: string }) => result.task_id));
    if (json.next === undefined) break;
    next = `&before=${json.next}`;
  }
  expect(pages).toEqual(all.json.results.map(({ task_id }: { task_id: string }) => task_id));
  expect((await gateway.get("/results?species=setosa")).json.results.length).toBe(10);
  expect((await gateway.get("/results?status=FAILED")).json).toMatchObject({
    results: [{ status: "FAILED", task_id: "bad", error: { code: "invalid_input" } }],
    counts: { setosa: 0, failed: 1 },
  });
  const byWorker = await gateway.get("/results?worker=%3Dworker");
  expect(byWorker.json.counts).toMatchObject({ setosa: 10, versicolor: 10, virginica: 10 });
  expect((await gateway.get(`/results?since=${new Date().toISOString()}`)).json.results).toEqual([]);

  const csv = await gateway.get("/results.csv");
  expect(csv.headers.get("content-disposition")).toBe('attachment; filename="results.csv"');
  expect(csv.headers.get("content-type")).toMatch(/^text\/csv/);
  const head = await fetch(`${gateway.url}/results.csv`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-disposition")]).toEqual([
    200,
    csv.headers.get("content-disposition"),
  ]);
  const rows = parse(csv.text, { columns: true, record_delimiter: "\r\n" }) as Record<string, string>[];
  expect(rows.map(({ task_id }) => task_id)).toEqual(pages);
  expect(new Set(rows.filter(({ status }) => status === "SUCCESS").map(({ worker }) => worker))).toEqual(
    new Set(["'=worker"]),
  );
  const failed = await gateway.get("/results.csv?status=FAILED");
  expect(parse(failed.text, { record_delimiter: "\r\n" }).length).toBe(2);
});

test("a database that was made anew is read anew, and one without tables is none", async () => {
  await answer(COUNT);
  const first = persister();
  await storedRows(first, COUNT);
  expect((await gateway.get("/results")).json.counts.setosa).toBe(10);
  await first.stop();
  for (const end of ["", "-wal", "-shm"]) rmSync(gateway.db + end, { force: true });
  expect((await gateway.get("/results")).json.type).toBe("/problems/no-database");
  // Empty at first: its tables come a moment later.
  const other = openDatabase(gateway.db);
  other.exec("CREATE TABLE other (id)");
  expect((await gateway.get("/results")).json.type).toBe("/problems/no-database");
  // Somebody else's table.
  other.exec("CREATE TABLE iris_prediction (id INTEGER PRIMARY KEY); INSERT INTO iris_prediction VALUES (1)");
  for (const path of ["/results", "/results.csv", "/results?worker=x", "/results.csv?worker=x"]) {
    const { json, headers } = await gateway.get(path);
    expect(json?.type, path).toBe("/problems/database-unreadable");
    expect(headers.get("content-disposition")).toBeNull();
  }
  other.exec("DROP TABLE iris_prediction");
  const second = persister();
  await storedRows(second, COUNT);
  await second.stop();
  expect((await gateway.get("/results")).json.counts).toMatchObject({ setosa: 10, failed: 1 });
  other.close();
});
