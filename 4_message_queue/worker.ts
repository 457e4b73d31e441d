/**
 * Stage 4: a queue between client and worker. Stage 3 refused work when it was busy, and lost it when it died; here
 * a task waits in the topic `tasks` until a worker takes it, and is done again if that worker dies over it.
 */
import { hostname } from "node:os";
import { loadClassifier } from "../common/classifier.ts";
import { createProgram } from "../common/cli.ts";
import { addInferenceOptions, createInference, type InferenceOptions } from "../common/inference.ts";
import {
  connectProducer,
  contactKafka,
  createKafka,
  ensureTopics,
  TOPICS,
  WORKER_GROUP,
} from "../common/kafka/client.ts";
import { consume, keepAlive } from "../common/kafka/consumer.ts";
import { sendDeadLetter } from "../common/kafka/dead_letters.ts";
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
  .opts<InferenceOptions>();

const name = `${hostname()}:${process.pid}`;
const admin = await contactKafka(name);
await ensureTopics(admin);
await admin.disconnect();

const { infer, close } = await createInference(loadClassifier(), options);
const kafka = createKafka(name);
const producer = await connectProducer(kafka);

const joining = consume(kafka, {
  groupId: WORKER_GROUP,
  topic: TOPICS.tasks,
  // A queue does not skip what was sent before the first worker came.
  fromBeginning: true,
  longestTask: options.inferenceTime,
  onAssigned: (partitions) => {
    console.log(
      partitions.length > 0 ? `Partitions of tasks: ${partitions.join(", ")}` : "No partition left for me",
    );
  },
  // The offset is committed after each task: a worker that is killed leaves just the one that it was doing.
  run: { autoCommitThreshold: 1 },
  eachMessage: async ({ message, partition, heartbeat }) => {
    const task = parseTask(message.value);
    if (!task.ok) return sendDeadLetter(producer, message, partition, task);
    const prediction = await keepAlive(heartbeat, () => infer(task.value.X));
    // First the answer, then (when this function returns) the commit: the other way round a crash in between loses it.
    await producer.send({
      topic: TOPICS.results,
      messages: [{ value: formatResult(task.value, prediction) }],
    });
    console.log(`Answered partition ${partition}, offset ${message.offset}: ${prediction.species}`);
  },
});

// Not only when it has joined: a member that ends without a word keeps its partitions until its session ends.
onShutdown(async () => {
  const consumer = await joining;
  await consumer.stop();
  await producer.disconnect();
  await close();
});
