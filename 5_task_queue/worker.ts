/**
 * Stage 5's worker: stage 4's, and two things more. Its answers carry the task's id, so that a client can
 * tell which is its own; and with `tasks` in many partitions, the workers of one group share them out among
 * themselves.
 */
import { loadClassifier } from "../common/classifier.ts";
import { createProgram } from "../common/cli.ts";
import { createInference } from "../common/inference.ts";
import { answerTasks } from "../common/kafka/answer_tasks.ts";
import { warnOfNamesake } from "../common/kafka/members.ts";
import { openKafka } from "../common/kafka/open.ts";
import { formatResult } from "../common/messages.ts";
import { onShutdown } from "../common/shutdown.ts";
import { addWorkerOptions } from "../common/worker_options.ts";
import { shortId } from "./task_lines.ts";

const options = addWorkerOptions(
  createProgram(
    "5_task_queue/worker.ts",
    "Answers its share of the tasks that wait in Kafka.",
    "npx tsx 5_task_queue/worker.ts --name worker-1 --inference-time 1",
  ),
)
  .parse()
  .opts();

const { name: worker } = options;
console.log(`Worker ${worker} (pid ${process.pid}, Ctrl-C stops)`);
const { infer, close } = await createInference(loadClassifier(options.model), options);
const kafka = await openKafka(process.env, worker);
const [producer] = await Promise.all([kafka.producer(), warnOfNamesake(kafka, worker)]);

const consumer = answerTasks(kafka, producer, {
  longestTask: options.inferenceTime,
  // After each rebalance, when a worker has come or gone.
  onAssigned: (partitions) =>
    console.log(`Partitions of tasks: ${partitions.join(", ") || "none"} (${partitions.length})`),

  async answer(task, { partition, offset }) {
    const started_at = Date.now();
    const start = performance.now();
    const prediction = await infer(task.X);
    const duration_ms = Math.round(performance.now() - start);
    if (!options.quiet) {
      const id = shortId(task.task_id, options.verbose);
      console.log(`${id} ${prediction.species}, partition ${partition}, ${duration_ms} ms`);
    }
    const facts = { worker, partition, offset, started_at, duration_ms };
    return { value: formatResult(task, prediction, facts) };
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
