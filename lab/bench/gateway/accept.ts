/** POST /tasks until Kafka has the task, beside a bare Express app that sends the same to the same Kafka. */
import { loadHttp } from "../http_load.ts";
import type { Bench } from "../kafka/sandbox.ts";
import { type Figure, type Report, ratios, repeat } from "../report.ts";
import { startExpress, startGateway } from "./gateway_process.ts";

const CONNECTIONS = [8, 64];
const SECONDS = 4;
const BODY = JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 });

/** How many tasks a second `POST /tasks` accepts, beside a bare Express app. */
export async function measureAccept(bench: Bench, rounds: number): Promise<Report> {
  const figures: Figure[] = [];
  const sandbox = await bench.openSandbox();
  const gateway = await startGateway(sandbox);
  const express = await startExpress(sandbox, "lab/bench/baselines/express_queue.ts");
  // Warm: compiled code, connections, partitions' leaders.
  for (const { url } of [gateway, express]) await post(url, 64, 2);
  for (const connections of CONNECTIONS) {
    const [ours, theirs]: [number[], number[]] = [[], []];
    await repeat(`accept, ${connections} connections`, rounds, async () => {
      ours.push((await post(gateway.url, connections, SECONDS)).rate);
      theirs.push((await post(express.url, connections, SECONDS)).rate);
    });
    const unit = "a second";
    const what = (who: string) => `${who}, ${connections} connections`;
    figures.push(
      { what: what("bare Express"), values: theirs, unit, digits: 0 },
      { what: what("gateway"), values: ours, unit, digits: 0 },
      {
        what: what("gateway / bare Express"),
        values: ratios(ours, theirs),
        ...(connections === 64 && { atLeast: 0.8 }),
      },
    );
  }
  await gateway.close();
  await sandbox.close();
  return { title: `POST /tasks, ${rounds} rounds of ${SECONDS} s each in turns`, figures };
}

function post(url: string, connections: number, duration: number) {
  const headers = { "Content-Type": "application/json" };
  return loadHttp({ url: `${url}/tasks`, method: "POST", headers, body: BODY, connections, duration });
}
