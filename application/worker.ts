/**
 * The application's worker: stage 5's, and two things more. It announces a task that takes time, so that
 * others know where it is; and it obeys cancellations. Workers of both kinds share one queue.
 */
import { shortId } from "../5_task_queue/task_lines.ts";
import { loadClassifier } from "../common/classifier.ts";
import { createProgram } from "../common/cli.ts";
import { createInference } from "../common/inference.ts";
import { answerTasks } from "../common/kafka/answer_tasks.ts";
import { connectKafka } from "../common/kafka/client.ts";
import { warnOfNamesake } from "../common/kafka/members.ts";
import { readKafkaSettings } from "../common/kafka/settings.ts";
import { formatResult, type Task } from "../common/messages.ts";
import { onShutdown } from "../common/shutdown.ts";
import { addWorkerOptions } from "../common/worker_options.ts";
import { Announcer } from "./announcer.ts";
import { Cancellations } from "./cancellations.ts";
import { openApplicationKafka } from "./open_kafka.ts";
import { endWithApplication, tellReady } from "./supervised.ts";
import { formatCancelled } from "./task_events.ts";
import { type Ends, reachEnds, readEnds } from "./until_empty.ts";

/** Why a task has no answer. */
const NOT_BEGUN = "It was cancelled before it was begun";
const ABORTED = "It was cancelled while a worker was at it";

const options = addWorkerOptions(
  createProgram(
    "application/worker.ts",
    "Answers its share of the tasks that wait in Kafka, announces long ones, obeys cancellations.",
    "npx tsx application/worker.ts --name worker-1 --inference-time 1",
  ),
)
  .option("--until-empty", "end when all that waits now is done; at once if nothing does")
  .parse()
  .opts();

const { name: worker } = options;
console.log(`Worker ${worker} (pid ${process.pid}, Ctrl-C stops)`);
endWithApplication(process.env);
const ends = options.untilEmpty ? await findWork() : undefined;
const { infer, close } = await createInference(loadClassifier(options.model), options);
const kafka = await openApplicationKafka(process.env, worker);
const [producer, announcer, cancellations] = await Promise.all([
  kafka.producer(),
  Announcer.open(kafka),
  Cancellations.open(kafka),
  warnOfNamesake(kafka, worker),
]);

const consumer = answerTasks(kafka, producer, {
  longestTask: options.inferenceTime,
  onAssigned: (partitions) => {
    console.log(`Partitions of tasks: ${partitions.join(", ") || "none"} (${partitions.length})`);
    tellReady();
  },

  async answer(task, { partition, offset }) {
    // A task of stage 4 has no id: its place names it.
    const task_id = task.task_id ?? `${partition}@${offset}`;
    if (cancellations.has(task_id)) {
      if (!options.quiet) tell(task, `cancelled, partition ${partition}, not begun`);
      return { value: formatCancelled(task_id, NOT_BEGUN, { worker, partition, offset }) };
    }
    const started_at = Date.now();
    const start = performance.now();
    const prediction = await (options.inferenceTime === 0
      ? infer(task.X) // It is done before anybody could hear of it.
      : cancellations.unlessCancelled(task_id, (signal) => {
          const begun = { task_id: task.task_id, worker, partition, offset, at: started_at };
          return announcer.whileItRuns(begun, () => infer(task.X, signal));
        }));
    const duration_ms = Math.round(performance.now() - start);
    if (!options.quiet)
      tell(task, `${prediction?.species ?? "cancelled"}, partition ${partition}, ${duration_ms} ms`);
    const facts = { worker, partition, offset, started_at, duration_ms };
    if (prediction === undefined) return { value: formatCancelled(task_id, ABORTED, facts) };
    return { value: formatResult(task, prediction, facts) };
  },

  // First the answers, then the commit. The other way round, a crash in between would lose the tasks.
  async deliver(answers, commit) {
    await producer.send(kafka.topics.results, answers);
    commit();
  },
});

async function stop(): Promise<void> {
  await consumer.stop();
  await cancellations.close();
  await kafka.close();
  await close();
}
const failed = [cancellations.failed, announcer.failed];
onShutdown(stop);
if (ends === undefined) await Promise.race([consumer.finished, ...failed]);
else {
  await Promise.race([reachEnds(kafka, ends), consumer.finished, ...failed]);
  await stop();
  console.log("All that waited at the start is done");
}

/** Ends the program if there is nothing to do: it has loaded no model and joined no group. */
async function findWork(): Promise<Ends> {
  const kafka = await connectKafka(readKafkaSettings(process.env), worker);
  const ends = await readEnds(kafka);
  await kafka.close();
  if (ends.size > 0) return ends;
  console.log("No task waits");
  process.exit();
}

function tell({ task_id }: Task, what: string): void {
  console.log(`${shortId(task_id, options.verbose)} ${what}`);
}
