/**
 * Stage 4: a queue between client and worker. Stage 3 refused work when it was busy, and lost it when it
 * died; here a task waits in the topic `tasks` until a worker takes it, and is done again if that worker dies
 * over it.
 */
import { hostname } from "node:os";
import { loadClassifier } from "../common/classifier.ts";
import { createProgram } from "../common/cli.ts";
import { addInferenceOptions, createInference } from "../common/inference.ts";
import { answerTasks } from "../common/kafka/answer_tasks.ts";
import { connectKafka } from "../common/kafka/client.ts";
import { sendDeadLetter } from "../common/kafka/dead_letters.ts";
import { ensureTopics } from "../common/kafka/ensure_topics.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import { formatResult, parseTask } from "../common/messages.ts";
import { onShutdown } from "../common/shutdown.ts";

const options = addInferenceOptions(
  createProgram(
    "4_message_queue/worker.ts",
    "Answers the tasks that wait in Kafka, one after the other.",
    "npx tsx 4_message_queue/worker.ts --inference-time 1",
  ),
  { threads: 1 },
)
  .parse()
  .opts();

const name = `${hostname()}:${process.pid}`;
console.log(`Worker ${name} (pid ${process.pid}, Ctrl-C stops)`);
const { infer, close } = await createInference(loadClassifier(options.model), options);
const kafka = await connectKafka(readKafkaSettings(process.env), name);
await ensureTopics(kafka);
const producer = await kafka.producer();

const consumer = answerTasks(kafka, {
  longestTask: options.inferenceTime,
  onAssigned: (partitions) =>
    console.log(`Partitions of tasks: ${partitions.join(", ") || "none"} (${partitions.length})`),

  async answer(message) {
    const task = parseTask(message.value);
    if (!task.ok) return sendDeadLetter(kafka, producer, message, task);
    const prediction = await infer(task.value.X);
    const { partition, offset } = message;
    console.log(`Answered partition ${partition}, offset ${offset}: ${prediction.species}`);
    return { value: formatResult(task.value, prediction, { worker: name, partition, offset }) };
  },

  // First the answers, then the commit. The other way round, a crash in between would lose the tasks.
  async deliver(answers, commit) {
    await producer.send(kafka.topics.results, answers);
    commit();
  },
});

onShutdown(async () => {
  await consumer.stop();
  await producer.disconnect();
  await kafka.close();
  await close();
});
await consumer.finished;
