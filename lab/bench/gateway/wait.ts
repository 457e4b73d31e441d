/** One question and its answer over HTTP, one after the other, beside the round trip of stage 5's client. */
import { loadHttp } from "../http_load.ts";
import { runClient } from "../kafka/load.ts";
import type { Bench } from "../kafka/sandbox.ts";
import { type Report, ratios, repeat } from "../report.ts";
import { quantile } from "../statistics.ts";
import { startGateway } from "./gateway_process.ts";

const TASKS = 1000;
const BODY = JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 });
const HEADERS = { "Content-Type": "application/json", Prefer: "wait=10" };

export async function measureWait(bench: Bench, rounds: number): Promise<Report> {
  const ours = { p50: [] as number[], p99: [] as number[] };
  const stage5 = { p50: [] as number[], p99: [] as number[] };
  await repeat("wait", rounds, async () => {
    const sandbox = await bench.openSandbox();
    await sandbox.startWorkers("application/worker.ts", ["--quiet"]);
    const times = await runClient(sandbox, "lab/bench/kafka/load_client.ts", TASKS, 1);
    stage5.p50.push(quantile(times, 0.5));
    stage5.p99.push(quantile(times, 0.99));
    const gateway = await startGateway(sandbox);
    const ask = (amount: number) =>
      loadHttp({
        url: `${gateway.url}/tasks`,
        method: "POST",
        headers: HEADERS,
        body: BODY,
        connections: 1,
        amount,
      });
    await ask(200);
    const { p50, p99 } = await ask(TASKS);
    ours.p50.push(p50);
    ours.p99.push(p99);
    await gateway.close();
    await sandbox.close();
  });
  const unit = "ms";
  return {
    title: `POST /tasks with Prefer: wait, one client, ${rounds} rounds of ${TASKS}; one worker for both`,
    figures: [
      { what: "stage 5's client, p50", values: stage5.p50, unit },
      { what: "over HTTP, p50", values: ours.p50, unit },
      { what: "over HTTP / stage 5, p50", values: ratios(ours.p50, stage5.p50), atMost: 1.5 },
      { what: "stage 5's client, p99", values: stage5.p99, unit },
      { what: "over HTTP, p99", values: ours.p99, unit },
    ],
  };
}
