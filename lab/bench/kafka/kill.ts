/** A steady stream of short tasks, and kill -9 in its middle: what is answered again, and how old it was. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SeenMessage } from "../../harness/kafka_sandbox.ts";
import { type Report, repeat } from "../report.ts";
import { makeTasks } from "./load.ts";
import type { Bench } from "./sandbox.ts";

const WORKER = "5_task_queue/worker.ts";
/** Some 1,000 tasks a second, for 3 s. The worker is killed after 2 s. */
const EVERY_MS = 10;
const AT_ONCE = 10;
const RATE = (1000 / EVERY_MS) * AT_ONCE;
const SENDS = 300;
const SENDS_BEFORE_KILL = 200;

/** What a worker that is killed had answered and not committed. */
export async function measureKill(bench: Bench, rounds: number): Promise<Report> {
  const doubled: number[] = [];
  const oldest: number[] = [];
  await repeat("kill", rounds, async () => {
    const { killedAt, tasks, results } = await killInStream(bench);
    const answers = new Map<string, number[]>();
    for (const { value, timestamp } of results) {
      const { task_id } = JSON.parse(value ?? "");
      answers.set(task_id, [...(answers.get(task_id) ?? []), timestamp]);
    }
    const lost = tasks.filter(({ task_id }) => !answers.has(task_id)).length;
    if (lost > 0) throw new Error(`${lost} tasks were lost`);
    const again = [...answers.values()].filter(({ length }) => length > 1);
    const firsts = again.map((times) => times.reduce((a, b) => Math.min(a, b)));
    doubled.push(again.length);
    oldest.push(firsts.reduce((age, time) => Math.max(age, killedAt - time), 0));
  });
  return {
    title: `kill -9 in a stream of ${RATE} short tasks a second, ${rounds} rounds, no task lost`,
    figures: [
      { what: "tasks that were answered twice", values: doubled, digits: 0 },
      {
        what: "the oldest of them, before the kill",
        values: oldest,
        unit: "ms",
        digits: 0,
        worstAtMost: 100,
      },
    ],
  };
}

async function killInStream(bench: Bench) {
  const sandbox = await bench.openSandbox();
  const [worker] = await sandbox.startWorkers(WORKER, ["--quiet"]);
  const tasks = makeTasks(SENDS * AT_ONCE);
  let killedAt = 0;
  let killed: Promise<unknown> = Promise.resolve();
  for (let send = 0; send < SENDS; send += 1) {
    const part = tasks.slice(send * AT_ONCE, (send + 1) * AT_ONCE);
    await Promise.all([
      sandbox.send(
        "tasks",
        part.map(({ value }) => value),
      ),
      sleep(EVERY_MS),
    ]);
    if (send !== SENDS_BEFORE_KILL) continue;
    killedAt = Date.now();
    killed = worker?.kill() ?? killed;
  }
  await killed;
  await sandbox.startWorkers(WORKER, ["--quiet"]);
  await sandbox.allCommitted();
  const results: SeenMessage[] = await sandbox.readAll("results", tasks.length);
  await sandbox.close();
  return { killedAt, tasks, results };
}
