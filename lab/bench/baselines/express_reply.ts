/**
 * What the gateway's `Prefer: wait` is measured against: the least Express app that asks as stage 5's client
 * does. It keeps nothing: no status, no history, and a client that hangs up has lost its answer.
 */
import { TaskQueue } from "../../../5_task_queue/request_reply.ts";
import { openKafka } from "../../../common/kafka/open.ts";
import { createTasksApp, serve } from "./express_app.ts";

const kafka = await openKafka(process.env, "baseline");
const queue = await TaskQueue.open(kafka, () => {});
const app = createTasksApp(async (X, response) => {
  const { answer } = await queue.ask(X, 10);
  response.status(answer === undefined ? 504 : 200).json(answer);
});
await serve(app);
