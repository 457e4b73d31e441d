/** Whether a second worker on the same machine takes more than it gives. */

import { type Report, ratios } from "../report.ts";
import type { Ground } from "./ground.ts";
import { makeQuestions, rateOf } from "./questions.ts";

const TASKS = 40_000;

export async function measureTwoWorkers(ground: Ground, rounds: number): Promise<Report> {
  const one: number[] = [];
  const two: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    one.push(await rateOfWorkers(ground, 1));
    two.push(await rateOfWorkers(ground, 2));
  }
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

async function rateOfWorkers(ground: Ground, count: number): Promise<number> {
  const corner = await ground.openCorner();
  const workers = await corner.startWorkers("5_task_queue/worker.ts", ["--quiet"], count);
  const questions = makeQuestions(TASKS);
  // Both sleep, for less than a session, until all tasks lie there, and begin at the same time. Windows has no such
  // signals: there they begin while tasks are still being sent.
  const signal = (name: "SIGSTOP" | "SIGCONT") => {
    if (process.platform !== "win32") for (const { pid } of workers) process.kill(pid, name);
  };
  signal("SIGSTOP");
  await corner.send(
    "tasks",
    questions.map(({ value }) => value),
  );
  signal("SIGCONT");
  const rate = rateOf(await corner.readAll("results", TASKS), questions);
  await corner.close();
  return rate;
}
