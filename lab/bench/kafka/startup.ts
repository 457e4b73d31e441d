/** What starting and leaving cost: whole client processes, workers until their first partition, idle programs' ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../harness/programs.ts";
import { type Report, ratios } from "../report.ts";
import type { Corner } from "./corner.ts";
import type { Ground } from "./ground.ts";

const CLIENT = "5_task_queue/client.ts";
const QUESTION = "6,3,4,1";

export async function measureStarting(ground: Ground, rounds: number): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "iris-bench-"));
  const empty = join(folder, "empty.ts");
  writeFileSync(empty, "");
  const corner = await ground.openCorner();
  await corner.startWorkers("5_task_queue/worker.ts", ["--quiet"]);

  const floor: number[] = [];
  const client: number[] = [];
  const groupsLeft: number[] = [];
  // In turns, so that a slow moment of the machine falls on both alike; the first turn fills the caches.
  for (let round = -1; round < rounds * 4; round += 1) {
    const floorTime = await timed(() => run(empty));
    const clientTime = await timed(() => askOnce(corner));
    if (round === -1) continue;
    floor.push(floorTime);
    client.push(clientTime);
    groupsLeft.push((await corner.listGroups("iris_client_")).length);
  }
  rmSync(folder, { recursive: true });

  const clientLeaves: number[] = [];
  const clientInterrupted: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    clientLeaves.push(await timeToLeave(corner, "q"));
    clientInterrupted.push(await timeToLeave(corner, "SIGINT"));
    groupsLeft.push((await corner.listGroups("iris_client_")).length);
  }
  await corner.close();

  const workerJoins: number[] = [];
  const workerLeaves: number[] = [];
  const another = await ground.openCorner();
  for (let round = 0; round < rounds; round += 1) {
    const worker = another.start("5_task_queue/worker.ts", ["--quiet"]);
    workerJoins.push(await timed(() => worker.waitFor(/^Partitions of tasks: 0, /)));
    workerLeaves.push(await timed(() => worker.stop()));
  }
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

async function askOnce(corner: Corner): Promise<void> {
  const { exitCode, stderr } = await corner.run(CLIENT, [], { input: `${QUESTION}\n` });
  if (exitCode !== 0) throw new Error(`The client failed: ${stderr}`);
}

/** From the wish, typed or a signal, to the exit of a client that has its answer. */
async function timeToLeave(corner: Corner, wish: "q" | "SIGINT"): Promise<number> {
  const client = corner.start(CLIENT);
  client.type(QUESTION);
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
