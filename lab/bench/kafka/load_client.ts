/** Asks by stage 5's request_reply.ts, in a process of its own. */

import { openTaskQueue } from "../../../5_task_queue/request_reply.ts";
import { contactKafka, createKafka, ensureTopics } from "../../../common/kafka/client.ts";
import { askAsTold } from "./load.ts";

const admin = await contactKafka("asker");
await ensureTopics(admin);
const queue = await openTaskQueue(createKafka("asker"), admin, () => {});
await askAsTold(async (questions) => {
  for (const reply of await queue.ask(questions, 120)) {
    const { answer } = await reply;
    if (answer === undefined || "error" in answer) throw new Error("A task went without an answer");
  }
});
await queue.close();
