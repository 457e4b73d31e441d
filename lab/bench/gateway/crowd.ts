/**
 * A crowd at one gateway: 200 clients ask for a task each second, as its Retry-After tells them, 200 watch
 * the live events, and 500 tasks a second come in. How long does its event loop keep others waiting?
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../kafka/sandbox.ts";
import { type Report, repeat } from "../report.ts";
import { readMetric, startGateway } from "./gateway_process.ts";

const CLIENTS = 200;
const TASKS_A_SECOND = 500;
const SECONDS = 15;
const BODY = JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 });
const LAG = /^nodejs_eventloop_lag_p99_seconds ([\d.e-]+)/gm;

/** How long a gateway's event loop keeps others waiting, with 400 clients and 500 tasks a second. */
export async function measureCrowd(bench: Bench, rounds: number): Promise<Report> {
  const lag: number[] = [];
  const accepted: number[] = [];
  const received: number[] = [];
  await repeat("crowd", rounds, async () => {
    const sandbox = await bench.openSandbox();
    await sandbox.startWorkers("application/worker.ts", ["--quiet"]);
    const { url, close } = await startGateway(sandbox);
    const ending = new AbortController();
    const ids: string[] = [];
    const events = { count: 0 };
    const crowd = [
      ...Array.from({ length: CLIENTS }, (_, index) => poll(url, ids, index, ending.signal)),
      ...Array.from({ length: CLIENTS }, () => watch(url, events, ending.signal)),
    ];
    await post(url, ids);
    await sleep(2000);
    await readMetric(url, LAG); // The gateway measures from one question to the next.
    const before = ids.length;
    const end = performance.now() + SECONDS * 1000;
    while (performance.now() < end) await Promise.all([post(url, ids), sleep(100)]);
    lag.push((await readMetric(url, LAG)) * 1000);
    accepted.push((ids.length - before) / SECONDS);
    received.push(events.count / SECONDS / CLIENTS);
    ending.abort();
    await Promise.all(crowd);
    await close();
    await sandbox.close();
  });
  return {
    title: `${CLIENTS} clients poll and ${CLIENTS} watch, ${rounds} rounds of ${SECONDS} s`,
    figures: [
      { what: "tasks accepted", values: accepted, unit: "a second", digits: 0 },
      { what: "chunks of events that one watcher got", values: received, unit: "a second", digits: 1 },
      { what: "the event loop's delay, p99", values: lag, unit: "ms", digits: 1, atMost: 50 },
    ],
  };
}

/** A tenth of a second's tasks, in a list. */
async function post(url: string, ids: string[]): Promise<void> {
  const body = `[${Array(TASKS_A_SECOND / 10)
    .fill(BODY)
    .join(",")}]`;
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${url}/tasks`, { method: "POST", headers, body });
  if (response.status !== 202) throw new Error(`POST /tasks: ${response.status}`);
  const { tasks } = (await response.json()) as { tasks: { task_id: string }[] };
  ids.push(...tasks.map(({ task_id }) => task_id));
}

async function poll(url: string, ids: string[], index: number, signal: AbortSignal): Promise<void> {
  await sleep((index / CLIENTS) * 1000);
  while (!signal.aborted) {
    const id = ids.at(-1 - index);
    const response = id === undefined ? undefined : await fetch(`${url}/tasks/${id}`);
    if (response?.ok === false) throw new Error(`GET /tasks/${id}: ${response.status}`);
    await response?.arrayBuffer();
    await sleep(1000);
  }
}

async function watch(url: string, events: { count: number }, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${url}/events`, { signal });
  if (!response.ok || response.body === null) throw new Error(`GET /events: ${response.status}`);
  try {
    for await (const _ of response.body) events.count += 1;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
