/** The load: samples as stage 5's tasks, clients that send them, and a check of what became of them. */
import { randomUUID } from "node:crypto";
import type { Measurements } from "../../../common/iris.ts";
import { sampleMeasurements } from "../../../common/samples.ts";
import type { SeenMessage } from "../../harness/kafka_sandbox.ts";
import type { BenchSandbox } from "./sandbox.ts";

export interface Task {
  task_id: string;
  /** As it goes to `tasks`. */
  value: string;
}

/** Tasks with new ids, for the first samples. */
export function makeTasks(count: number): Task[] {
  return sampleMeasurements(count).map((X) => {
    const task_id = randomUUID();
    return { task_id, value: JSON.stringify({ task_id, X }) };
  });
}

/** Tasks a second, from the first result to the last. Throws when a task has no result, or has two. */
export function rateOf(results: readonly SeenMessage[], tasks: readonly Task[]): number {
  const answered = new Set(results.map(({ value }) => JSON.parse(value ?? "").task_id));
  const lost = tasks.filter(({ task_id }) => !answered.has(task_id)).length;
  const doubled = results.length - answered.size;
  if (lost + doubled > 0) throw new Error(`${lost} tasks were lost, ${doubled} were answered twice`);
  const times = results.map(({ timestamp }) => timestamp);
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  return (results.length / (last - first)) * 1000;
}

/** Runs a client that asks so many tasks at once, so often: milliseconds of each time, warm-ups left out. */
export async function runClient(
  { run }: Pick<BenchSandbox, "run">,
  client: string,
  times: number,
  tasks: number,
  warmUps = tasks === 1 ? 200 : 1,
): Promise<number[]> {
  const { stdout, stderr, exitCode } = await run(client, [times, tasks, warmUps].map(String));
  if (exitCode !== 0 || stderr !== "") throw new Error(`${client}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Resolves when all are answered. */
export type AskAll = (samples: readonly Measurements[]) => Promise<void>;

/** What each client does: it asks as its arguments say, and prints the milliseconds of each time as JSON. */
export async function askAsTold(askAll: AskAll): Promise<void> {
  // Warm: connections, compiled code, every worker's consumer waiting.
  const [times = 1, tasks = 1, warmUps = 1] = process.argv.slice(2).map(Number);
  const samples = sampleMeasurements(tasks);
  const milliseconds: number[] = [];
  for (let time = -warmUps; time < times; time += 1) {
    const start = performance.now();
    await askAll(time < 0 ? samples.slice(0, 12) : samples);
    if (time >= 0) milliseconds.push(performance.now() - start);
  }
  console.log(JSON.stringify(milliseconds));
}
