/** GET /tasks/<id> of a finished task, beside a bare Express app that reads the same row of SQLite. */

import { SERVES } from "../../harness/lines.ts";
import { loadHttp } from "../http_load.ts";
import { makeTasks } from "../kafka/load.ts";
import type { Bench } from "../kafka/sandbox.ts";
import { type Figure, type Report, ratios, repeat } from "../report.ts";
import { startGateway, tasksEnded } from "./gateway_process.ts";

const TASKS = 10_000;
const CONNECTIONS = [8, 64];
const SECONDS = 4;

/** How many questions for a status are answered a second, beside a bare Express app. */
export async function measureStatus(bench: Bench, rounds: number): Promise<Report> {
  const sandbox = await bench.openSandbox();
  const gateway = await startGateway(sandbox);
  const [worker] = await sandbox.startWorkers("application/worker.ts", ["--quiet"]);
  const tasks = makeTasks(TASKS);
  await sandbox.send(
    "tasks",
    tasks.map(({ value }) => value),
  );
  await tasksEnded(gateway.url, TASKS);
  await worker?.stop();
  const express = sandbox.start("lab/bench/baselines/express_row.ts", [gateway.view]);
  const [, theirUrl = ""] = await express.waitFor(SERVES);
  const requests = tasks.slice(0, 1000).map(({ task_id }) => ({ path: `/tasks/${task_id}` }));
  const get = (url: string, connections: number, duration: number) =>
    loadHttp({ url, connections, duration, requests });
  for (const url of [gateway.url, theirUrl]) await get(url, 64, 2);

  const figures: Figure[] = [];
  for (const connections of CONNECTIONS) {
    const [ours, theirs]: [number[], number[]] = [[], []];
    await repeat(`status, ${connections} connections`, rounds, async () => {
      ours.push((await get(gateway.url, connections, SECONDS)).rate);
      theirs.push((await get(theirUrl, connections, SECONDS)).rate);
    });
    const unit = "a second";
    const what = (who: string) => `${who}, ${connections} connections`;
    figures.push(
      { what: what("bare Express"), values: theirs, unit, digits: 0 },
      { what: what("gateway"), values: ours, unit, digits: 0 },
      { what: what("gateway / bare Express"), values: ratios(ours, theirs), atLeast: 0.8 },
    );
  }
  await gateway.close();
  await sandbox.close();
  return {
    title: `GET /tasks/<id> among ${TASKS} tasks, ${rounds} rounds of ${SECONDS} s each in turns`,
    figures,
  };
}
