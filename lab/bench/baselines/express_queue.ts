/**
 * What the gateway's POST /tasks is measured against: the least Express app that checks four measurements
 * and sends them to Kafka, with the same producer, so with the same batches. It knows nothing of a task
 * afterwards.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { parseMeasurements } from "../../../common/iris.ts";
import { openKafka } from "../../../common/kafka/open.ts";

const kafka = await openKafka(process.env, "baseline");
const producer = await kafka.producer();
const app = express();
app.post("/tasks", express.json(), async (request, response) => {
  const X = parseMeasurements(request.body);
  if (!X.ok) {
    response.status(422).json({ error: X.error.message });
    return;
  }
  const task_id = randomUUID();
  await producer.send(kafka.topics.tasks, [{ value: JSON.stringify({ task_id, X: X.value }) }]);
  response.status(202).json({ task_id });
});
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
console.log(`bare Express serves on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
