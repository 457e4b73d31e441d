/**
 * Stage 5's worker: stage 4's, and two things more. Its answers carry the task's id, so that a client can tell which
 * is its own; and with `tasks` in many partitions, the workers of one group share them out among themselves.
 */
import { hostname } from "node:os";
import { Option } from "commander";
import type { EachBatchPayload, KafkaMessage } from "kafkajs";
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

/** Answers go out together: as soon as there are so many, or so much time has passed. */
const ANSWERS_AT_ONCE = 200;
const LONGEST_WAIT_MS = 20;

interface Options extends InferenceOptions {
  name: string;
  quiet?: boolean;
}

const options = addInferenceOptions(
  createProgram(
    "5_task_queue/worker.ts",
    "Answers its share of the tasks that wait in Kafka.",
    "npx tsx 5_task_queue/worker.ts --name worker-1 --inference-time 1",
  ),
  { threads: 1 },
)
  .addOption(
    new Option("--name <name>", "shown in logs, results and the group's membership")
      .default(`${hostname()}:${process.pid}`, "host:pid")
      .env("WORKER_NAME"),
  )
  .option("--quiet", "do not print a line a task")
  .parse()
  .opts<Options>();

const admin = await contactKafka(options.name);
await ensureTopics(admin);
await admin.disconnect();

const { infer, close } = await createInference(loadClassifier(), options);
const kafka = createKafka(options.name);
const producer = await connectProducer(kafka);

const joining = consume(kafka, {
  groupId: WORKER_GROUP,
  topic: TOPICS.tasks,
  fromBeginning: true,
  longestTask: options.inferenceTime,
  // After each rebalance, when a worker has come or gone.
  onAssigned: (partitions) =>
    console.log(`My partitions: ${partitions.join(", ") || "none"} (${partitions.length})`),
  // Else kafkajs would take a batch for done when this function returns early.
  run: { eachBatchAutoResolve: false },
  eachBatch: answerBatch,
});

// Not only when it has joined: a member that ends without a word keeps its partitions until its session ends.
onShutdown(async () => {
  const consumer = await joining;
  await consumer.stop();
  await producer.disconnect();
  await close();
});

async function answerBatch(payload: EachBatchPayload): Promise<void> {
  const {
    batch,
    heartbeat,
    isRunning,
    isStale,
    resolveOffset,
    uncommittedOffsets,
    commitOffsetsIfNecessary,
  } = payload;
  let answers: { value: string }[] = [];
  let answeredOffset: string | undefined;
  let lastFlush = performance.now();
  let sent = Promise.resolve();

  // First the answers, then the commit of just these tasks: the other way round, a crash in between loses them.
  const send = async (messages: { value: string }[], offset: string) => {
    if (messages.length > 0) await producer.send({ topic: TOPICS.results, messages });
    resolveOffset(offset);
    await commitOffsetsIfNecessary(uncommittedOffsets());
  };
  /** Sends what is answered, when what was sent before has arrived; does not wait until this has. */
  const flush = async () => {
    lastFlush = performance.now();
    await sent;
    if (answeredOffset === undefined) return;
    sent = send(answers, answeredOffset);
    sent.catch(() => {}); // Whoever awaits it next is told.
    answers = [];
    answeredOffset = undefined;
  };

  try {
    for (const message of batch.messages) {
      if (!isRunning() || isStale()) break;
      await heartbeat(); // Throws when a worker has come or gone, so that it need not wait for the whole batch.
      const answer = await answerTask(message, batch.partition, heartbeat);
      if (answer !== undefined) answers.push(answer);
      answeredOffset = message.offset;
      if (answers.length >= ANSWERS_AT_ONCE || performance.now() - lastFlush >= LONGEST_WAIT_MS)
        await flush(); // The next task is done while the answers travel.
      if (options.threads === 0) await sent; // A task on the event loop itself would hold them up.
    }
  } finally {
    await flush();
    await sent;
  }
}

/** The message for `results`; none for a bad task, which becomes a dead letter. */
async function answerTask(message: KafkaMessage, partition: number, heartbeat: () => Promise<void>) {
  const task = parseTask(message.value);
  if (!task.ok) {
    await sendDeadLetter(producer, message, partition, task);
    return undefined;
  }
  const started_at = Date.now();
  const start = performance.now();
  const { X, task_id } = task.value;
  const y = options.inferenceTime > 0 ? await keepAlive(heartbeat, () => infer(X)) : await infer(X);
  const duration_ms = Math.round(performance.now() - start);
  if (!options.quiet)
    console.log(`Task ${task_id ?? "without id"}, partition ${partition}, ${duration_ms} ms`);
  return { value: formatResult(task.value, y, { worker: options.name, partition, started_at, duration_ms }) };
}
