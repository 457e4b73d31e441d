/**
 * Many clients at one gateway: 200 poll and 200 watch the live events while 500 tasks a second come in. No
 * id is unknown, nobody misses a task, and in the end the gateway holds no more than after the first seconds.
 */
import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import type { Measurements } from "../../common/iris.ts";
import { sampleMeasurements } from "../../common/samples.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { ownsPartitions } from "../../lab/harness/lines.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { eventually } from "../support/kafka_state.ts";
import { Told, Watcher } from "../support/watcher.ts";

const CLIENTS = 200;
/** Ten lists of 50 are 500 tasks a second. */
const LIST = 50;
const EVERY_MS = 100;
/** In the first 10 s the gateway fills what it keeps of the last tasks; then 30 s more. */
const WARM_UP = 100;
const LISTS = 300;
const MEGABYTE = 2 ** 20;

let sandbox: KafkaSandbox;
let gateway: Gateway;
/** How often the gateway said that Kafka is away. */
let saidAway: number;
beforeEach(async () => {
  saidAway = 0;
  sandbox = await openSandbox(inject("kafkaBrokers"));
  gateway = await startGateway(sandbox, { start: { preload: ["./tests/support/collect_garbage.mjs"] } });
  await ownsPartitions(sandbox.start("application/worker.ts", ["--quiet"]), 12);
});
afterEach(() => sandbox.close());

test("200 clients poll and 200 watch while 500 tasks a second come in, and memory is flat", async ({
  annotate,
}) => {
  const ending = new AbortController();
  setMaxListeners(CLIENTS, ending.signal);
  const told = new Told((WARM_UP + LISTS) * LIST);
  const watchers = Array.from({ length: CLIENTS }, () => new Watcher(told));
  const watching = Promise.all(watchers.map((watcher) => watcher.watch(gateway.url, ending.signal)));
  const ids: string[] = [];
  const faults: string[] = [];
  const pollers = Array.from({ length: CLIENTS }, async (_, index) => {
    while (!ending.signal.aborted) {
      const id = ids.at(-1 - index);
      const answer = id === undefined ? undefined : await gateway.get(`/tasks/${id}`);
      if (answer?.status === 503) saidAway += 1;
      else if (answer !== undefined && answer.status !== 200) faults.push(`${id}: ${answer.status}`);
      await sleep(1000); // As the Retry-After of a 202 tells it.
    }
  });
  const clients = Promise.all([watching, ...pollers]);
  const allAreTold = () => eventually(async () => watchers.every(({ tasks }) => tasks === ids.length));

  const work = async () => {
    await post(WARM_UP, ids);
    await allAreTold();
    const before = await heldHeap();
    await post(LISTS, ids);
    await allAreTold();
    return { before, after: await heldHeap() };
  };
  const working = work();
  await Promise.race([working, clients]); // A client that fails ends the test at once.
  const { before, after } = await working;
  ending.abort();
  await clients;
  await annotate(`Kafka was said to be away ${saidAway} times`);
  await annotate(`heap: ${(before / MEGABYTE).toFixed(1)} MB, then ${(after / MEGABYTE).toFixed(1)} MB`);
  expect(faults).toEqual([]);
  expect(ids.length).toBe((WARM_UP + LISTS) * LIST);
  // Each watcher is told of each task, once.
  const counts = new Set(watchers.flatMap((watcher) => ids.map((id) => watcher.countOf(id))));
  expect(counts).toEqual(new Set([1]));
  expect((await gateway.get("/queue")).json.totals).toMatchObject({ answered: ids.length, failed: 0 });
  expect(after - before).toBeLessThan(8 * MEGABYTE);
}, 600_000);

/** Posts lists, ten a second, and collects their ids. */
async function post(lists: number, ids: string[]): Promise<void> {
  for (let list = 0; list < lists; list += 1) {
    const [tasks] = await Promise.all([postList(sampleMeasurements(LIST, list * LIST)), sleep(EVERY_MS)]);
    for (const { task_id } of tasks) ids.push(task_id);
  }
}

/** On a busy machine Kafka can be silent for 5 s, and then a list is sent again: with its key, never twice. */
async function postList(flowers: Measurements[]): Promise<{ task_id: string }[]> {
  const headers = { "idempotency-key": randomUUID() };
  for (;;) {
    const { status, json, text } = await gateway.post("/tasks", flowers, headers);
    if (status === 202) return json.tasks;
    expect({ status, text }).toMatchObject({ status: 503, text: expect.stringContaining("kafka-away") });
    saidAway += 1;
  }
}

/** Bytes that the gateway holds: the least of what three collections of its garbage leave. */
async function heldHeap(): Promise<number> {
  const figures = async () => {
    const { text } = await gateway.get("/metrics");
    const figure = (name: string) =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      );
    return {
      heap: figure("nodejs_heap_size_used_bytes") + figure("nodejs_external_memory_bytes"),
      collections: figure('nodejs_gc_duration_seconds_count{kind="major"}'),
    };
  };
  const { collections: first } = await figures();
  let last = first;
  let least = Number.POSITIVE_INFINITY;
  while (last < first + 3) {
    await sleep(20);
    const { heap, collections } = await figures();
    if (collections > last) least = Math.min(least, heap);
    last = Math.max(last, collections);
  }
  return least;
}
