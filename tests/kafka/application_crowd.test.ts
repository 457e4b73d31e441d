/**
 * Many clients at one gateway: 200 poll and 200 watch the live events while tasks come in, and no request
 * fails.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { sampleMeasurements } from "../../common/samples.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { GATEWAY_LISTENS, ownsPartitions } from "../../lab/harness/lines.ts";
import { untilFinal } from "../support/crowd_of_tasks.ts";

const CLIENTS = 200;
const LISTS = 60;
const LIST = 100;

let sandbox: KafkaSandbox;
let folder: string;
beforeAll(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  folder = mkdtempSync(join(tmpdir(), "iris-crowd-"));
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

test("200 clients poll and 200 watch while 6,000 tasks come in", async () => {
  const program = sandbox.start("application/gateway/program.ts", [
    ...["--port", "0", "--data", join(folder, "gateway"), "--db", join(folder, "predictions.db")],
  ]);
  const [, url = ""] = await program.waitFor(GATEWAY_LISTENS);
  await ownsPartitions(sandbox.start("application/worker.ts", ["--quiet"]), 12);

  const ending = new AbortController();
  const ids: string[] = [];
  const ended = Array.from({ length: CLIENTS }, () => 0);
  const watchers = ended.map(async (_, index) => {
    const response = await fetch(`${url}/events`, { signal: ending.signal });
    expect(response.status).toBe(200);
    let rest = "";
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      const news = lines.flatMap((line) => line.match(/"kind":"ended"/g) ?? []);
      ended[index] = (ended[index] ?? 0) + news.length;
    }
  });
  const watching = Promise.allSettled(watchers);
  const faults: string[] = [];
  const pollers = Array.from({ length: CLIENTS }, async (_, index) => {
    while (!ending.signal.aborted) {
      const id = ids[ids.length - 1 - index];
      const response = id === undefined ? undefined : await fetch(`${url}/tasks/${id}`);
      if (response?.ok === false) faults.push(`${id}: ${response.status}`);
      await response?.arrayBuffer();
      await sleep(500); // As a client that polls would.
    }
  });

  const memory: number[] = [];
  const headers = { "Content-Type": "application/json" };
  for (let list = 0; list < LISTS; list += 1) {
    const body = JSON.stringify(sampleMeasurements(LIST, list * LIST));
    const response = await fetch(`${url}/tasks`, { method: "POST", headers, body });
    expect(response.status).toBe(202);
    const { tasks } = (await response.json()) as { tasks: { task_id: string }[] };
    ids.push(...tasks.map(({ task_id }) => task_id));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    memory.push(Number(/^process_resident_memory_bytes (\d+)/m.exec(metrics)?.[1]) / 2 ** 20);
  }
  const outcomes = await Promise.all(ids.map((id) => untilFinal([url], id)));
  expect(outcomes.filter(({ status }) => status !== "SUCCESS")).toEqual([]);
  // Each watcher is told of each task, once.
  while (ended.some((count) => count < LISTS * LIST)) await sleep(50);
  expect(new Set(ended)).toEqual(new Set([LISTS * LIST]));
  ending.abort();
  await Promise.all([watching, ...pollers]);
  expect(faults).toEqual([]);
  const [middle = 0, last = 0] = [memory[Math.floor(LISTS / 2)], memory.at(-1)];
  expect(last - middle, `MB: ${memory.map(Math.round).join(", ")}`).toBeLessThan(150);
});
