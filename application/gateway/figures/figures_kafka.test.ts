/** GET /figures: sums, buckets and what the persister stored agree with what was done. */
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { type Gateway, startGateway } from "../../../tests/support/gateway.ts";
import { eventually } from "../../../tests/support/kafka_state.ts";
import type { Figures } from "./figures_schema.ts";

const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

let sandbox: KafkaSandbox;
let gateway: Gateway;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  gateway = await startGateway(sandbox);
});
afterEach(() => sandbox.close());

const figures = async (): Promise<Figures> => (await gateway.get("/figures")).json;
const sum = ({ buckets }: Figures, name: "accepted" | "answered" | "stored" | "cancelled" | "dead_letters") =>
  buckets.reduce((all, bucket) => all + (bucket[name] ?? 0), 0);

test("nothing has happened: ten minutes of zeros, no times, no database", async () => {
  const { buckets, totals, ...rest } = await figures();
  expect(buckets).toHaveLength(120);
  expect(totals).toEqual({ accepted: 0, answered: 0, failed: 0, cancelled: 0, dead_letters: 0 });
  for (const name of ["waited", "worked", "oldest_seconds"]) expect(rest).not.toHaveProperty(name);
  const [first, last] = [buckets[0], buckets.at(-1)];
  expect(Date.parse(last?.at ?? "") - Date.parse(first?.at ?? "")).toBe(119 * 5000);
});

test("what was accepted, cancelled, answered, stored and set aside is counted, each once", async () => {
  const { tasks } = (await gateway.post("/tasks", Array(30).fill(X))).json;
  expect((await gateway.del(`/tasks/${tasks[7].task_id}`)).status).toBe(200);
  await sandbox.send("tasks", ["rubbish"]);
  await eventually(async () => (await figures()).waiting === 30);
  expect((await figures()).oldest_seconds).toBeGreaterThan(0);
  // No topic tells that afterwards: the gateway looks.
  await eventually(async () =>
    (await figures()).buckets.some(({ waiting, oldest_seconds = 0 }) => waiting === 30 && oldest_seconds > 0),
  );

  sandbox.start("application/worker.ts", ["--name", "worker-1", "--inference-time", "0.03"]);
  sandbox.start("application/persister.ts", ["--db", gateway.db]);
  await eventually(async () => {
    const now = await figures();
    return now.totals.stored === 29 && now.waiting === 0 && now.totals.dead_letters === 1;
  });
  const now = await figures();
  const totals = { accepted: 31, answered: 29, failed: 1, cancelled: 1, dead_letters: 1, stored: 29 };
  expect(now.totals).toEqual(totals);
  for (const name of ["accepted", "answered", "stored", "cancelled", "dead_letters"] as const)
    expect(sum(now, name), name).toBe(totals[name]);
  expect(now.worked?.p50).toBeGreaterThan(0.025);
  expect(now.waited?.p95).toBeGreaterThanOrEqual(now.waited?.p50 ?? 0);
  const { sources, ...shown } = now;
  const named = ["waited", "worked", "waiting", "in_progress", ...Object.keys(totals)];
  for (const name of named) expect(sources[name], name).toMatch(/^(curl|npm|npx) /);
  expect(shown.per_second).toHaveProperty("stored");
});
