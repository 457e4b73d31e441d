/** How a gateway ends at Ctrl-C: open requests are answered, and nobody keeps it waiting. */
import { once } from "node:events";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { type Gateway, startGateway } from "../../tests/support/gateway.ts";
import { eventually } from "../../tests/support/kafka_state.ts";
import { openSocket } from "../../tests/support/raw_http.ts";

const FLOWER = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

let sandbox: KafkaSandbox;
let gateway: Gateway;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  gateway = await startGateway(sandbox);
});
afterEach(() => sandbox.close());

test("who waits for an answer is told how the task stands, and streams end", async () => {
  const waiting = Array.from({ length: 20 }, () => gateway.post("/tasks", FLOWER, { prefer: "wait=60" }));
  const events = await fetch(`${gateway.url}/events`);
  await eventually(async () => (await gateway.get("/tasks")).json.tasks.length === waiting.length);
  const { exitCode, stderr } = await gateway.close();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  for (const { status, json } of await Promise.all(waiting))
    expect([status, json.status]).toEqual([202, "PENDING"]);
  expect(await events.text()).toContain("event: state");
});

test("connections on which nothing has come, or half a request, hold nothing up", async () => {
  const sockets = await Promise.all([openSocket(gateway.port), openSocket(gateway.port)]);
  sockets[1]?.write("POST /tasks HTTP/1.1\r\nHost: localhost\r\n");
  const closed = sockets.map((socket) => {
    socket.on("error", () => {});
    socket.on("end", () => socket.end()).resume();
    return once(socket, "close");
  });
  await gateway.get("/health/live");
  expect((await gateway.close()).exitCode).toBe(0);
  await Promise.all(closed);
});
