/** Stage 4's story: sent with no worker, drained later, stored once; a second worker idle. */
import { join } from "node:path";
import { formatLine, type Measurements } from "../../common/iris.ts";
import { ANSWERED, ownsPartitions, PARTITIONS, QUEUED, storedRows } from "../harness/lines.ts";
import { run } from "../harness/programs.ts";
import { DATABASE, type KafkaStage } from "./kafka_stage.ts";
import { check, say, startShown } from "./narrate.ts";
import { type StageReport, secondsSince } from "./report.ts";

export interface QueueOptions {
  questions: readonly Measurements[];
  /** Seconds. */
  inferenceTime: number;
}

/** Shows it with real processes, and checks the claims. */
export async function showQueue(
  { env, folder }: KafkaStage,
  { questions, inferenceTime }: QueueOptions,
): Promise<StageReport> {
  const db = join(folder, DATABASE);
  const count = questions.length;
  const input = questions.map((question) => `${formatLine(question)}\n`).join("");

  say("demo", `No worker is running, and ${count} tasks are sent.`);
  const client = await startShown("client", "4_message_queue/client.ts", [], { env, input }).exited;
  const queued = client.stdout.split("\n").filter((line) => QUEUED.test(line)).length;

  say("demo", "A worker comes, and a persister. What waited is answered and stored.");
  say("demo", `An answer takes ${inferenceTime} s, simulated.`);
  const workerArgs = ["--inference-time", String(inferenceTime)];
  const first = startShown("worker-1", "4_message_queue/worker.ts", workerArgs, { env });
  const persister = startShown("persister", "4_message_queue/persister.ts", ["--db", db], { env });
  await ownsPartitions(first, 1);
  const start = performance.now();
  await first.waitFor(ANSWERED);

  say("demo", "A second worker, to help. But tasks has one partition, and a partition has one owner.");
  const second = startShown("worker-2", "4_message_queue/worker.ts", workerArgs, { env });
  await second.waitFor(PARTITIONS);
  await storedRows(persister, queued);
  const seconds = secondsSince(start);
  // One of the two owns the partition; which one is up to the group.
  const owners = [first, second].filter(({ lines }) => {
    const last = lines.findLast(({ text }) => PARTITIONS.test(text));
    return Number(PARTITIONS.exec(last?.text ?? "")?.[3]) > 0;
  });
  await Promise.all([first, second].map((program) => program.stop()));
  await persister.stop();

  const history = await run("4_message_queue/history.ts", ["--db", db, "--json", "--limit", "1"], { env });
  const { counts } = JSON.parse(history.stdout) as { counts: { count: number }[] };
  const stored = counts.reduce((sum, species) => sum + species.count, 0);
  const held = [
    check(`${count} tasks were queued while no worker ran`, queued === count, `${queued}`),
    check(`${count} results are in the database, each once`, stored === count, `${stored}`),
    check("one of two workers had nothing to do", owners.length === 1, `${owners.length} owned a partition`),
  ];
  return { held: !held.includes(false), atOnce: { answered: 0, refused: 0, stored, seconds } };
}
