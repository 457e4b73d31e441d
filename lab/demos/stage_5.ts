/**
 * Stage 5 in three acts: one worker, several, and several of which one is killed. Each act answers the same
 * questions.
 */
import { join } from "node:path";
import type { Measurements } from "../../common/iris.ts";
import { colors } from "../harness/colors.ts";
import { ownsPartitions, storedRows } from "../harness/lines.ts";
import { run } from "../harness/programs.ts";
import { drawActs } from "./acts.ts";
import { DATABASE, type KafkaStage } from "./kafka_stage.ts";
import { check, say, startShown, tell, terminalWidth } from "./narrate.ts";
import { type Played, playAct, showTwoClients } from "./play_act.ts";
import type { StageReport } from "./report.ts";
import { type Member, Team } from "./team.ts";

export interface BalanceOptions {
  workers: number;
  questions: readonly Measurements[];
  inferenceTime: number;
}

/** Shows it with real processes, and checks the claims. */
export async function showBalance(
  { env, folder }: KafkaStage,
  { workers, questions, inferenceTime }: BalanceOptions,
): Promise<StageReport> {
  const db = join(folder, DATABASE);
  await startShown("setup", "5_task_queue/kafka_setup.ts", [], { env }).exited;
  const persister = startShown("persister", "5_task_queue/persister.ts", ["--db", db], { env, hide: true });
  await ownsPartitions(persister, 1);
  const team = new Team(env, inferenceTime);
  await team.growTo(1);

  say("demo", "Two clients ask at the same time. Each knows its answer by the id of its task.");
  const told = await showTwoClients(env, questions);

  const seconds = `${inferenceTime} s each, simulated`;
  say("demo", `Act 1: one worker for ${questions.length} tasks (${seconds}).`);
  const options = { env, team: team.members, questions, inferenceTime };
  const one = await playAct(options);
  say("demo", `Act 2: ${workers} workers. The group shares the 12 partitions among them.`);
  await team.growTo(workers);
  const many = await playAct(options);
  say("demo", "Act 3: the same again, and one is killed. Its session ends 6 s after its last heartbeat.");
  const killed = await playAct({ ...options, victim: team.members[1] as Member });

  await team.stop();
  const total = 2 + 3 * questions.length;
  const answered = [one, many, killed].map(({ atOnce }) => atOnce.answered);
  // The persister is a little behind what the clients have seen.
  await storedRows(persister, told + answered.reduce((sum, count) => sum + count));
  await persister.stop();
  const { rows, ids } = await readStored(db, env, total);
  const factor = one.atOnce.seconds / many.atOnce.seconds;
  const times = factor.toFixed(1);
  const silence = killed.secondsWithoutOwner.toFixed(1);

  console.log();
  const acts = [
    { ...one.act, title: `Act 1: one worker, ${took(one)}` },
    { ...many.act, title: `Act 2: ${workers} workers, ${took(many)}, ${times} times as fast` },
    {
      ...killed.act,
      title: `Act 3: one of ${workers} is killed, ${took(killed)}. Partitions without an owner: ${silence} s`,
    },
  ];
  console.log(drawActs(acts, terminalWidth()));
  tell(colors().bold(`\n${workers} workers were ${times} times as fast as one.`));
  const held = [
    check("each of two clients got the answer to its own question", told === 2, `${told} of 2`),
    check(
      `${questions.length} of ${questions.length} tasks are answered in each act, with a worker killed too`,
      answered.every((count) => count === questions.length),
      answered.join(", "),
    ),
    check(
      "every task is in the database exactly once",
      rows === total && ids === total,
      `${rows} rows, ${ids} tasks`,
    ),
    check(`${workers} workers had a part in it`, many.busyWorkers === workers, `${many.busyWorkers}`),
    check(
      `${workers} workers are at least ${atLeast(workers).toFixed(1)} times as fast as one`,
      factor >= atLeast(workers),
      factor.toFixed(2),
    ),
  ];
  return {
    held: !held.includes(false),
    atOnce: many.atOnce,
    withOneKilled: killed.atOnce,
    speedUp: { workers, factor },
  };
}

function took({ atOnce }: Played): string {
  return `${atOnce.seconds.toFixed(1)} s`;
}

/** A busy machine, and tasks that cannot be shared out evenly, take something off the ideal. */
function atLeast(workers: number): number {
  return (workers * 2) / 3;
}

async function readStored(db: string, env: Record<string, string>, total: number) {
  const args = ["--db", db, "--json", "--limit", String(total * 2)];
  const { stdout } = await run("4_message_queue/history.ts", args, { env });
  const { latest } = JSON.parse(stdout) as { latest: { task_id: string | null }[] };
  // Stage 4's tasks, which the tour has stored before, have no id.
  const ids = latest.flatMap(({ task_id }) => task_id ?? []);
  return { rows: ids.length, ids: new Set(ids).size };
}
