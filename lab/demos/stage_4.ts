/** Stage 4's story: sent with no worker, drained later, stored once; a second worker idle. */
import { join } from "node:path";
import { FIELDS, type Measurements } from "../../common/iris.ts";
import { run } from "../harness/programs.ts";
import { check, say, startShown } from "./narrate.ts";
import { type RungReport, secondsSince } from "./report.ts";

export interface KafkaStage {
  /** KAFKA_BROKERS and KAFKA_TOPIC_PREFIX for the programs. */
  env: Record<string, string>;
  /** For the database. */
  folder: string;
}

/** Shows it with real processes, and checks the claims. */
export async function showQueue(
  { env, folder }: KafkaStage,
  { questions, inferenceTime }: { questions: readonly Measurements[]; inferenceTime: number },
): Promise<RungReport> {
  const db = join(folder, "stage_4.db");
  const count = questions.length;
  const input = questions.map((question) => `${FIELDS.map((field) => question[field]).join(",")}\n`).join("");

  say("demo", `No worker is running, and ${count} tasks are sent.`);
  const client = await startShown("client", "4_message_queue/client.ts", [], { env, input }).exited;
  const queued = client.stdout.match(/^Queued: /gm)?.length ?? 0;

  say("demo", "A worker comes, and a persister: what waited is answered and stored.");
  const workerArgs = ["--inference-time", String(inferenceTime)];
  const start = performance.now();
  const worker = startShown("worker", "4_message_queue/worker.ts", workerArgs, { env });
  const persister = startShown("persister", "4_message_queue/persister.ts", ["--db", db], { env });
  await worker.waitFor(/^Answered /);

  say("demo", "A second worker, to help. tasks has one partition.");
  const second = startShown("worker 2", "4_message_queue/worker.ts", workerArgs, { env });
  // One of the two owns the partition; which one is up to the group.
  const idle = await Promise.race([worker, second].map((program) => program.waitFor(/^No partition left/)));
  await persister.waitFor(new RegExp(`up to offset ${count - 1}$`));
  const elapsed = secondsSince(start);
  const both = await Promise.all([worker, second].map((program) => program.stop()));
  await persister.stop();

  const history = await run("4_message_queue/history.ts", ["--db", db, "--json", "--limit", "1"], { env });
  const { counts } = JSON.parse(history.stdout) as { counts: { count: number }[] };
  const stored = counts.reduce((sum, species) => sum + species.count, 0);
  const working = both.filter((exit) => exit.stdout.includes("Answered ")).length;
  const held = [
    check(`${count} tasks were queued while no worker ran`, queued === count, `${queued}`),
    check(`${count} results are in the database, each once`, stored === count, `${stored}`),
    check("a second worker had nothing to do", idle !== null, "both had a partition"),
  ];
  return {
    held: !held.includes(false),
    questionsPerSecond: count / elapsed,
    refused: 0,
    lost: count - stored,
    workers: working,
  };
}
