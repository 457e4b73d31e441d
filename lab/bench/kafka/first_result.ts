/** From a worker's start to the first message on `results`, for a task that waits already. */
import { type Report, ratios, repeat } from "../report.ts";
import { makeTasks } from "./load.ts";
import type { Bench } from "./sandbox.ts";

const STAGE_5 = { file: "5_task_queue/worker.ts", args: ["--quiet"] };
const PLAIN = { file: "lab/bench/baselines/kafkajs_batch_worker.ts", args: [] };
const TSX = [process.execPath, "--import", "tsx"] as const;

/** From the start of a worker to its first result. */
export async function measureFirstResult(bench: Bench, rounds: number): Promise<Report> {
  const { node } = bench;
  if (node === undefined)
    console.error("first-result: this Node runs no TypeScript. Name another with --node");
  const figures: Report["figures"] = [];
  const commands = [
    { name: "tsx", command: TSX, atMost: 1000 },
    ...(node === undefined ? [] : [{ name: "Node alone", command: [node] as const, atMost: 600 }]),
  ];
  for (const { name, command, atMost } of commands) {
    const stage5: number[] = [];
    const plain: number[] = [];
    await repeat(`first-result, ${name}`, rounds, async () => {
      plain.push(await timeToFirstResult(bench, PLAIN, command));
      stage5.push(await timeToFirstResult(bench, STAGE_5, command));
    });
    figures.push(
      { what: `plain kafkajs, ${name}`, values: plain, unit: "ms", digits: 0 },
      { what: `stage 5's worker, ${name}`, values: stage5, unit: "ms", digits: 0, atMost },
      { what: `stage 5 / plain kafkajs, ${name}`, values: ratios(stage5, plain) },
    );
  }
  return { title: `A worker's start to its first result, ${rounds} rounds`, figures };
}

async function timeToFirstResult(
  bench: Bench,
  { file, args }: { file: string; args: string[] },
  command: readonly [string, ...string[]],
): Promise<number> {
  const sandbox = await bench.openSandbox();
  await sandbox.send("tasks", [makeTasks(1)[0]?.value ?? ""]);
  const startedAt = Date.now();
  sandbox.start(file, args, { command });
  const [first] = await sandbox.readAll("results", 1);
  await sandbox.close();
  return (first?.timestamp ?? Number.NaN) - startedAt;
}
