/** Asks by stage 5's request_reply.ts, in a process of its own. */
import { TaskQueue } from "../../../5_task_queue/request_reply.ts";
import { connectKafka } from "../../../common/kafka/client.ts";
import { ensureTopics } from "../../../common/kafka/ensure_topics.ts";
import { readKafkaSettings } from "../../../common/kafka/settings.ts";
import { askAsTold } from "./load.ts";

const kafka = await connectKafka(readKafkaSettings(process.env), "load_client");
await ensureTopics(kafka);
const queue = await TaskQueue.open(kafka, () => {});
await askAsTold(async (questions) => {
  const replies = await Promise.all(questions.map((question) => queue.ask(question, 120)));
  if (replies.some(({ answer }) => answer === undefined || "error" in answer)) {
    throw new Error("A task went without an answer");
  }
});
await queue.close();
