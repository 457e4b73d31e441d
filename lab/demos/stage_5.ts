/** Stage 5's story: workers share the tasks; one comes in the middle, one is killed in the middle, nothing is lost. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { FIELDS, type Measurements } from "../../common/iris.ts";
import { type Program, run } from "../harness/programs.ts";
import { check, killShown, say, startShown } from "./narrate.ts";
import { type RungReport, secondsSince } from "./report.ts";
import type { KafkaStage } from "./stage_4.ts";

export interface BalanceOptions {
  workers: number;
  questions: readonly Measurements[];
  inferenceTime: number;
}

/** Shows it with real processes, and checks the claims. */
export async function showBalance(
  { env, folder }: KafkaStage,
  { workers, questions, inferenceTime }: BalanceOptions,
): Promise<RungReport> {
  const db = join(folder, "stage_5.db");
  const tasks = questions.length;
  await startShown("setup", "5_task_queue/kafka_setup.ts", [], { env }).exited;

  const startWorker = (number: number) => {
    const name = `worker ${number}`;
    const args = ["--name", `worker-${number}`, "--inference-time", String(inferenceTime)];
    return { name, program: startShown(name, "5_task_queue/worker.ts", args, { env }) };
  };
  say("demo", `${workers - 1} workers share 12 partitions; worker ${workers} comes later.`);
  const team = Array.from({ length: workers - 1 }, (_, index) => startWorker(index + 1));
  const persister = startShown("persister", "5_task_queue/persister.ts", ["--db", db], { env });
  const share = new RegExp(`^My partitions: .*\\(${Math.ceil(12 / (workers - 1))}\\)$`);
  await Promise.all([persister.waitFor(/^Storing/), team[0]?.program.waitFor(share)]);

  const file = join(folder, "tasks.csv");
  const out = join(folder, "results.csv");
  writeFileSync(file, stringify([...questions], { header: true, columns: [...FIELDS] }));
  const start = performance.now();
  const client = startShown("client", "5_task_queue/client.ts", ["--file", file, "--out", out], { env });

  const [first, doomed] = team;
  await first?.program.waitFor(/^Task /);
  say("demo", "A worker more, to help: the partitions are dealt out anew.");
  const helper = startWorker(workers);
  await helper.program.waitFor(/^Task /);
  // A worker prints its line when a task is done, and has then begun the next one.
  const victim = doomed ?? first;
  await victim?.program.waitFor(/^Task /);
  say("demo", "One is killed in the middle of a task. Its partitions move when its session ends, after 6 s.");
  if (victim !== undefined) await killShown(victim.name, victim.program);

  const { exitCode, stdout } = await client.exited;
  const elapsed = secondsSince(start);
  say("demo", "And one question alone, to see how long an answer takes when nobody is in the way.");
  const alone = await startShown("client", "5_task_queue/client.ts", [], { env, input: "6,3,4,1\n" }).exited;
  const secondsToAnswer = Number(/, (\d+) ms$/m.exec(alone.stdout)?.[1]) / 1000;

  const survivors = [...team, helper].filter((worker) => worker !== victim);
  await Promise.all(survivors.map(({ program }) => program.stop()));
  // The persister is at most one batch behind what the client has seen.
  const stored = await storedBy(persister, tasks + 1);
  await persister.stop();

  const history = await run(
    "4_message_queue/history.ts",
    ["--db", db, "--json", "--limit", String(tasks * 2)],
    { env },
  );
  const { latest } = JSON.parse(history.stdout) as { latest: { task_id: string; worker: string }[] };
  const ids = new Set(latest.map(({ task_id }) => task_id));
  const answeredBy = new Set(latest.map(({ worker }) => worker));
  const speedUp = (tasks * inferenceTime) / elapsed;
  const answered = Number(/^(\d+) of \d+ answered/m.exec(stdout)?.[1] ?? 0);
  const held = [
    check(`${tasks} of ${tasks} tasks are answered`, answered === tasks && exitCode === 0, `${answered}`),
    check(
      "every task is in the database exactly once",
      latest.length === tasks + 1 && ids.size === tasks + 1 && stored === tasks + 1,
      `${latest.length} rows, ${ids.size} tasks`,
    ),
    check(
      `${workers} workers had a part in it`,
      answeredBy.size === workers,
      [...answeredBy].sort().join(", "),
    ),
  ];
  console.log(
    `Speed-up against one worker: ${speedUp.toFixed(1)} (with one killed in the middle, and 6 s until that is noticed)`,
  );
  return {
    held: !held.includes(false),
    secondsToAnswer,
    questionsPerSecond: tasks / elapsed,
    refused: 0,
    lost: tasks - answered,
    workers: answeredBy.size,
    timeline: stdout
      .split("\n")
      .filter((line) => /[█▓]|^ +0 s/.test(line))
      .join("\n"),
  };
}

/** Follows the persister's lines until it has stored so many. */
async function storedBy(persister: Program, tasks: number): Promise<number> {
  let stored = 0;
  let next = 0;
  await persister.waitForLine(() => {
    for (; next < persister.lines.length; next += 1) {
      stored += Number(/^Stored (\d+)/.exec(persister.lines[next]?.text ?? "")?.[1] ?? 0);
    }
    return stored >= tasks;
  }, `that says ${tasks} are stored`);
  return stored;
}
