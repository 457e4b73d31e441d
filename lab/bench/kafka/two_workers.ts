/** Whether a second worker on the same machine takes more than it gives. */
import { type Report, ratios, repeat } from "../report.ts";
import { makeTasks, rateOf } from "./load.ts";
import type { Bench } from "./sandbox.ts";

const TASKS = 40_000;

/** Tasks a second of two workers on one machine, beside those of one. */
export async function measureTwoWorkers(bench: Bench, rounds: number): Promise<Report> {
  const one: number[] = [];
  const two: number[] = [];
  await repeat("two-workers", rounds, async () => {
    one.push(await rateOfWorkers(bench, 1));
    two.push(await rateOfWorkers(bench, 2));
  });
  const unit = "tasks/s";
  return {
    title: `Trivial tasks, one worker and two, ${rounds} rounds of ${TASKS} tasks`,
    figures: [
      { what: "one worker", values: one, unit, digits: 0 },
      { what: "two workers", values: two, unit, digits: 0 },
      { what: "two / one", values: ratios(two, one), atLeast: 1 },
    ],
  };
}

async function rateOfWorkers(bench: Bench, count: number): Promise<number> {
  const sandbox = await bench.openSandbox();
  const workers = await sandbox.startWorkers("5_task_queue/worker.ts", ["--quiet"], count);
  const tasks = makeTasks(TASKS);
  // Both are stopped, for less than a session, until all tasks are in Kafka, and go on at the same time.
  // Windows has no such signals: there they begin while tasks are still being sent.
  const signal = (name: "SIGSTOP" | "SIGCONT") => {
    if (process.platform !== "win32") for (const { pid } of workers) process.kill(pid, name);
  };
  signal("SIGSTOP");
  await sandbox.send(
    "tasks",
    tasks.map(({ value }) => value),
  );
  signal("SIGCONT");
  const rate = rateOf(await sandbox.readAll("results", TASKS), tasks);
  await sandbox.close();
  return rate;
}
