/** A gateway from its start until its view has caught up: on an empty log, and with many tasks in it. */
import { loadClassifier } from "../../../common/classifier.ts";
import { formatResult } from "../../../common/messages.ts";
import { makeTasks } from "../kafka/load.ts";
import type { Bench, BenchSandbox } from "../kafka/sandbox.ts";
import { type Report, repeat } from "../report.ts";
import { startGateway, tasksEnded } from "./gateway_process.ts";

const TASKS = 200_000;

/** How long a gateway takes to be ready: with an empty log, and with a full one. */
export async function measureStartUp(bench: Bench, rounds: number): Promise<Report> {
  const ready: number[] = [];
  const rebuild: number[] = [];
  const rate: number[] = [];
  const empty = await bench.openSandbox();
  await repeat("start, empty log", rounds, async () => {
    const gateway = await startGateway(empty);
    ready.push(gateway.readyAfter);
    await gateway.close();
  });
  await empty.close();
  const full = await bench.openSandbox();
  await fill(full);
  await repeat(`start, ${TASKS} tasks`, Math.min(rounds, 3), async () => {
    const gateway = await startGateway(full);
    await tasksEnded(gateway.url, TASKS);
    rebuild.push(gateway.readyAfter / 1000);
    rate.push(TASKS / ((gateway.readyAfter - (ready.at(-1) ?? 0)) / 1000));
    await gateway.close();
  });
  await full.close();
  return {
    title: `A gateway from start to ready, ${rounds} rounds; its view is new each time`,
    figures: [
      { what: "on an empty log", values: ready, unit: "ms", digits: 0, atMost: 1000 },
      { what: `${TASKS} tasks and their results`, values: rebuild, unit: "s", digits: 1, atMost: 20 },
      { what: "so the view reads", values: rate, unit: "tasks/s", digits: 0 },
    ],
  };
}

/** Tasks and their answers, as if workers had been there. */
async function fill(sandbox: BenchSandbox): Promise<void> {
  const { predict } = loadClassifier();
  for (let sent = 0; sent < TASKS; sent += 10_000) {
    const tasks = makeTasks(10_000).map(({ value }) => value);
    const facts = { worker: "worker-1", started_at: Date.now(), duration_ms: 1 };
    const results = tasks.map((value) => {
      const task = JSON.parse(value);
      return formatResult(task, predict(task.X), facts);
    });
    await sandbox.send("tasks", tasks);
    await sandbox.send("results", results);
  }
}
