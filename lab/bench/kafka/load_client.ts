/** Asks by stage 5's request_reply.ts, in a process of its own. */
import { TaskQueue } from "../../../5_task_queue/request_reply.ts";
import { openKafka } from "../../../common/kafka/open.ts";
import { askAsTold } from "./load.ts";

const kafka = await openKafka(process.env, "load_client");
const queue = await TaskQueue.open(kafka, () => {});
await askAsTold(async (samples) => {
  const replies = await Promise.all(samples.map((sample) => queue.ask(sample, 120)));
  if (replies.some(({ answer }) => answer === undefined || "error" in answer)) {
    throw new Error("A task went without an answer");
  }
});
await queue.close();
