/**
 * What the gateway's POST /tasks is measured against: the least Express app that checks four measurements
 * and sends them to Kafka, with the same producer, so with the same batches. It knows nothing of a task
 * afterwards.
 */
import { randomUUID } from "node:crypto";
import { openKafka } from "../../../common/kafka/open.ts";
import { createTasksApp, serve } from "./express_app.ts";

const kafka = await openKafka(process.env, "baseline");
const producer = await kafka.producer();
const app = createTasksApp(async (X, response) => {
  const task_id = randomUUID();
  await producer.send(kafka.topics.tasks, [{ value: JSON.stringify({ task_id, X }) }]);
  response.status(202).json({ task_id });
});
await serve(app);
