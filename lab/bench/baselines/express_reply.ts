/**
 * What the gateway's `Prefer: wait` is measured against: the least Express app that asks as stage 5's client
 * does. It keeps nothing: no status, no history, and a client that hangs up has lost its answer.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { TaskQueue } from "../../../5_task_queue/request_reply.ts";
import { parseMeasurements } from "../../../common/iris.ts";
import { openKafka } from "../../../common/kafka/open.ts";

const kafka = await openKafka(process.env, "baseline");
const queue = await TaskQueue.open(kafka, () => {});
const app = express();
app.post("/tasks", express.json(), async (request, response) => {
  const X = parseMeasurements(request.body);
  if (!X.ok) {
    response.status(422).json({ error: X.error.message });
    return;
  }
  const { answer } = await queue.ask(X.value, 10);
  response.status(answer === undefined ? 504 : 200).json(answer);
});
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
console.log(`bare Express serves on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
