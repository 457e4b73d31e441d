/**
 * Clients that are slow, stop in the middle or never read: the gateway answers the others meanwhile, cuts off
 * whom it has to, and what they held comes back.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { SPECIES } from "../../common/iris.ts";
import { openResultsStore } from "../../common/results_store.ts";
import { sampleMeasurements } from "../../common/samples.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { type Gateway, startGateway } from "../../tests/support/gateway.ts";
import { eventually } from "../../tests/support/kafka_state.ts";
import { openSocket, parseAnswer, rawRequest, readToClose } from "../../tests/support/raw_http.ts";

const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
/** Some 15 MB as CSV: more than the buffers of a connection hold. */
const ROWS = 100_000;
const MEGABYTE = 2 ** 20;

let sandbox: KafkaSandbox;
let gateway: Gateway;
let sockets: Socket[];
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  gateway = await startGateway(sandbox, { start: { preload: ["./tests/support/collect_garbage.mjs"] } });
  await gateway.ready();
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  const { exitCode, stderr } = await gateway.close();
  await sandbox.close();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});

/** Opens a connection, writes this, and reads nothing. */
async function open(bytes: string): Promise<Socket> {
  const socket = await openSocket(gateway.port);
  sockets.push(socket);
  socket.write(bytes);
  return socket;
}

const get = (path: string) => rawRequest("GET", path, { host: `localhost:${gateway.port}` });

/** What the gateway holds, as it says itself. */
async function holds(): Promise<{ sockets: number; heap: number }> {
  const { text } = await gateway.get("/metrics");
  const figure = (name: string) => {
    const line = text.split("\n").find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length));
  };
  return {
    sockets: figure('nodejs_active_resources{type="TCPSocketWrap"}'),
    heap: figure("nodejs_heap_size_used_bytes") + figure("nodejs_external_memory_bytes"),
  };
}

async function answersOthers(): Promise<void> {
  expect((await gateway.get("/health/ready")).status).toBe(200);
  expect((await gateway.post("/tasks", X)).status).toBe(202);
}

/** As before, but for the connections by which this test asks, and what the gateway has learnt meanwhile. */
async function comesBackTo(before: Awaited<ReturnType<typeof holds>>): Promise<void> {
  await eventually(async () => {
    const now = await holds();
    return now.sockets <= before.sockets + 3 && now.heap <= before.heap + 16 * MEGABYTE;
  });
}

test("half a head, half a body, one letter after the other, silence: each is ended, and told why", async () => {
  const before = await holds();
  const length = { "content-type": "application/json", "content-length": "100" };
  const halfHead = await open("POST /tasks HTTP/1.1\r\nHost: loc");
  const halfBody = await open(
    rawRequest("POST", "/tasks", { host: `localhost:${gateway.port}`, ...length }, '{"'),
  );
  const drip = await open("GET /tasks HTTP/1.1\r\nHost: localhost\r\nX: ");
  const silent = await open("");
  const dripping = setInterval(() => drip.write("x"), 500);
  const answers = [halfHead, halfBody, drip, silent].map(readToClose);
  await answersOthers();
  const [head, body, dripped] = await Promise.all(answers);
  clearInterval(dripping);
  for (const answer of [head, body, dripped])
    expect(answer).toMatchObject({
      status: 408,
      headers: { "content-type": expect.stringMatching(/^application\/problem\+json/) },
      body: expect.stringContaining('"/problems/request-timeout"'),
    });
  await comesBackTo(before);
});

test("who reads nothing of a download is cut off after a while, and costs little until then", async () => {
  fillDatabase();
  const before = await holds();
  for (let count = 0; count < 8; count += 1) await open(get("/results.csv"));
  await eventually(async () => (await holds()).sockets >= before.sockets + 8);
  await answersOthers();
  const { heap } = await holds();
  expect(heap).toBeLessThan(before.heap + 40 * MEGABYTE);
  await comesBackTo(before);
});

test("who reads slowly gets everything", async () => {
  fillDatabase();
  const socket = await open(get("/results.csv"));
  let seen = 0;
  socket.on("data", (chunk: Buffer) => {
    const isPause = Math.floor(seen / MEGABYTE) < Math.floor((seen + chunk.length) / MEGABYTE);
    seen += chunk.length;
    if (!isPause) return;
    socket.pause();
    void sleep(50).then(() => socket.resume());
  });
  const { status, body } = await readToClose(socket);
  expect(status).toBe(200);
  const lines = body.split("\r\n");
  expect(lines.length).toBe(ROWS + 2); // The header, and the end of the last line.
  expect(lines.at(-2)).toMatch(/,0$/);
});

test("500 streams of events that nobody reads: others are told what happens", async () => {
  const before = await holds();
  const events = get("/events");
  // Who says that nothing more will come, and reads on, is a client that is gone.
  const halfClosed = await open(events);
  halfClosed.end();
  expect((await readToClose(halfClosed)).status).toBe(200);
  for (let count = 0; count < 500; count += 1) await open(events);
  await eventually(async () => (await holds()).sockets >= before.sockets + 500);
  await answersOthers();

  const reader = await open(events);
  let text = "";
  reader.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  reader.resume();
  await eventually(async () => text.includes("event: state"));
  expect(parseAnswer(text)).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream" } });
  const { json } = await gateway.post("/tasks", new Array(20).fill(X));
  const last = json.tasks.at(-1).task_id;
  await eventually(async () => text.includes(last));
  await answersOthers();

  for (const socket of sockets) socket.destroy();
  await comesBackTo(before);
});

/** As a persister would, with an answer for every flower. */
function fillDatabase(): void {
  const store = openResultsStore(gateway.db);
  const flowers = sampleMeasurements(150);
  for (let from = 0; from < ROWS; from += 5000) {
    const rows = Array.from({ length: 5000 }, (_, index) => ({
      ...(flowers[index % flowers.length] ?? X),
      ...{ iris_type: 1 as const, species: SPECIES[1], model: "m" },
      ...{ task_id: `a-task-with-a-long-id-${from + index}`, worker: "worker-1" },
      ...{ topic: "results", partition: 0, offset: String(from + index), timestamp: "1772366400000" },
    }));
    store.save({ rows, last: { topic: "results", partition: 0, offset: String(from), timestamp: "0" } });
  }
  store.close();
}

test("a thousand may follow the events: one more is refused, until one has left", async () => {
  await Promise.all(Array.from({ length: 1000 }, () => open(get("/events"))));
  const [first] = sockets;
  async function oneMore() {
    const socket = await open(get("/events"));
    const [chunk] = await once(socket.resume(), "data");
    socket.destroy();
    return parseAnswer(String(chunk));
  }
  await eventually(async () => (await oneMore()).status === 503);
  expect(await oneMore()).toMatchObject({
    headers: { "retry-after": "10" },
    body: expect.stringContaining('"/problems/too-many-streams"'),
  });
  await answersOthers();
  first?.destroy();
  await eventually(async () => (await oneMore()).status === 200);
});
