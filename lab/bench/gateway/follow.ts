/** How fast the view follows while a worker empties a queue: both share this machine. */
import { setTimeout as sleep } from "node:timers/promises";
import { makeTasks } from "../kafka/load.ts";
import type { Bench } from "../kafka/sandbox.ts";
import { type Report, ratios, repeat } from "../report.ts";
import { readMetric, startGateway } from "./gateway_process.ts";

const TASKS = 100_000;
const ENDED = /^iris_tasks_total\{outcome="success"\} (\d+)/gm;

/** How many tasks a second the view follows. */
export async function measureFollow(bench: Bench, rounds: number): Promise<Report> {
  const view: number[] = [];
  const worker: number[] = [];
  await repeat("follow", rounds, async () => {
    const sandbox = await bench.openSandbox();
    const gateway = await startGateway(sandbox);
    const values = makeTasks(TASKS).map(({ value }) => value);
    await sandbox.send("tasks", values);
    const start = performance.now();
    await sandbox.startWorkers("5_task_queue/worker.ts", ["--quiet"]);
    const committed = sandbox.allCommitted().then(() => performance.now());
    while ((await readMetric(gateway.url, ENDED)) < TASKS) await sleep(20);
    const end = performance.now();
    worker.push(TASKS / (((await committed) - start) / 1000));
    view.push(TASKS / ((end - start) / 1000));
    await gateway.close();
    await sandbox.close();
  });
  const unit = "tasks/s";
  return {
    title: `The view beside a worker that answers ${TASKS} waiting tasks, ${rounds} rounds from its start`,
    figures: [
      { what: "the worker has committed", values: worker, unit, digits: 0 },
      { what: "the view has all answers", values: view, unit, digits: 0, atLeast: 20_000 },
      { what: "view / worker", values: ratios(view, worker) },
    ],
  };
}
