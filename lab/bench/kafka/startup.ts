/**
 * What starting and leaving cost: whole client processes, workers until their first partition, idle
 * programs' ends.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../harness/programs.ts";
import { type Report, ratios, repeat } from "../report.ts";
import type { Bench, BenchSandbox } from "./sandbox.ts";

const CLIENT = "5_task_queue/client.ts";
const SAMPLE = "6,3,4,1";

/** What starting and leaving cost, of clients and of workers. */
export async function measureStarting(bench: Bench, rounds: number): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "iris-bench-"));
  const empty = join(folder, "empty.ts");
  writeFileSync(empty, "");
  const sandbox = await bench.openSandbox();
  await sandbox.startWorkers("5_task_queue/worker.ts", ["--quiet"]);

  const floor: number[] = [];
  const client: number[] = [];
  const groupsLeft: number[] = [];
  // In turns, so that a slow moment of the machine falls on both alike. What comes before fills the caches.
  await run(empty);
  await askOnce(sandbox);
  await repeat("start, client", rounds * 4, async () => {
    floor.push(await timed(() => run(empty)));
    client.push(await timed(() => askOnce(sandbox)));
    groupsLeft.push((await sandbox.listGroups("iris_client_")).length);
  });
  rmSync(folder, { recursive: true });

  const clientLeaves: number[] = [];
  const clientInterrupted: number[] = [];
  await repeat("start, leaving", rounds, async () => {
    clientLeaves.push(await timeToLeave(sandbox, "q"));
    clientInterrupted.push(await timeToLeave(sandbox, "SIGINT"));
    groupsLeft.push((await sandbox.listGroups("iris_client_")).length);
  });
  await sandbox.close();

  const workerJoins: number[] = [];
  const workerLeaves: number[] = [];
  const another = await bench.openSandbox();
  await repeat("start, worker", rounds, async () => {
    const worker = another.start("5_task_queue/worker.ts", ["--quiet"]);
    workerJoins.push(await timed(() => worker.waitFor(/^Partitions of tasks: 0, /)));
    workerLeaves.push(await timed(() => worker.stop()));
  });
  await another.close();

  const unit = "ms";
  return {
    title: `Starting and leaving, ${rounds * 4} whole client processes, ${rounds} of the rest`,
    figures: [
      { what: "node --import tsx, empty file (floor)", values: floor, unit, digits: 0 },
      { what: "client: start, one task, answer, exit", values: client, unit, digits: 0 },
      { what: "client / floor", values: ratios(client, floor), atMost: 3 },
      { what: "groups of clients that stayed behind", values: groupsLeft, digits: 0, atMost: 0 },
      { what: "worker: start to first partition", values: workerJoins, unit, digits: 0, atMost: 1000 },
      { what: "idle worker: SIGTERM to exit", values: workerLeaves, unit, digits: 0, atMost: 1000 },
      { what: "idle client: q to exit", values: clientLeaves, unit, digits: 0, atMost: 1000 },
      { what: "idle client: SIGINT to exit", values: clientInterrupted, unit, digits: 0, atMost: 1000 },
    ],
  };
}

async function askOnce(sandbox: BenchSandbox): Promise<void> {
  const { exitCode, stderr } = await sandbox.run(CLIENT, [], { input: `${SAMPLE}\n` });
  if (exitCode !== 0) throw new Error(`The client failed: ${stderr}`);
}

/** From the wish, typed or a signal, to the exit of a client that has its answer. */
async function timeToLeave(sandbox: BenchSandbox, wish: "q" | "SIGINT"): Promise<number> {
  const client = sandbox.start(CLIENT);
  client.type(SAMPLE);
  await client.waitFor(/^<- /);
  return await timed(() => {
    if (wish === "SIGINT") return client.stop(wish);
    client.type(wish);
    return client.exited;
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
