/** What the application's additions cost its worker: trivial tasks that wait, stage 5's worker beside it. */
import { makeTasks, rateOf } from "../kafka/load.ts";
import type { Bench } from "../kafka/sandbox.ts";
import { type Report, ratios, repeat } from "../report.ts";

const TASKS = 60_000;
const WORKERS = ["5_task_queue/worker.ts", "application/worker.ts"] as const;

/** How much slower the application's worker is than stage 5's. */
export async function measureWorker(bench: Bench, rounds: number): Promise<Report> {
  const rates: Record<(typeof WORKERS)[number], number[]> = {
    "5_task_queue/worker.ts": [],
    "application/worker.ts": [],
  };
  // The order changes, so that neither always comes first.
  let turn = 0;
  await repeat("worker", rounds * 2, async () => {
    for (const file of turn++ % 2 === 0 ? WORKERS : WORKERS.toReversed()) {
      const sandbox = await bench.openSandbox();
      const tasks = makeTasks(TASKS);
      await sandbox.send(
        "tasks",
        tasks.map(({ value }) => value),
      );
      sandbox.start(file, ["--quiet"]);
      rates[file].push(rateOf(await sandbox.readAll("results", TASKS), tasks));
      await sandbox.close();
    }
  });
  const [stage5, ours] = [rates["5_task_queue/worker.ts"], rates["application/worker.ts"]];
  const unit = "tasks/s";
  return {
    title: `Tasks a second of one worker, ${rounds * 2} rounds of ${TASKS}, no task lost`,
    figures: [
      { what: "stage 5's worker", values: stage5, unit, digits: 0 },
      { what: "the application's", values: ours, unit, digits: 0 },
      { what: "the application's / stage 5's", values: ratios(ours, stage5), atLeast: 0.97 },
    ],
  };
}
