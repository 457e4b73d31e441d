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
import { openKafka } from "../common/kafka/open.ts";
import { formatResult } from "../common/messages.ts";
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
const kafka = await openKafka(process.env, name);
const producer = await kafka.producer();

const consumer = answerTasks(kafka, producer, {
  longestTask: options.inferenceTime,
  onAssigned: (partitions) =>
    console.log(`Partitions of tasks: ${partitions.join(", ") || "none"} (${partitions.length})`),

  async answer(task, { partition, offset }) {
    const prediction = await infer(task.X);
    console.log(`Answered partition ${partition}, offset ${offset}: ${prediction.species}`);
    return { value: formatResult(task, prediction, { worker: name, partition, offset }) };
  },

  // First the answers, then the commit. The other way round, a crash in between would lose the tasks.
  async deliver(answers, commit) {
    await producer.send(kafka.topics.results, answers);
    commit();
  },
});

onShutdown(async () => {
  await consumer.stop();
  await kafka.close();
  await close();
});
await consumer.finished;
