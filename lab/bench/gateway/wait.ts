/**
 * One question and its answer over HTTP, one after the other: beside the round trip of stage 5's client, and
 * beside a bare Express app that holds this client, which shows what HTTP alone costs.
 */
import { loadHttp } from "../http_load.ts";
import { runClient } from "../kafka/load.ts";
import type { Bench } from "../kafka/sandbox.ts";
import { type Report, ratios, repeat } from "../report.ts";
import { quantile } from "../statistics.ts";
import { startExpress, startGateway } from "./gateway_process.ts";

const TASKS = 1000;
/** Both are programs that run for days: V8 has compiled what is hot after some 3,000 questions. */
const WARM_UPS = 3000;
const BODY = JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 });
const HEADERS = { "Content-Type": "application/json", Prefer: "wait=10" };

/** How long an answer takes with `Prefer: wait`, beside stage 5's client and a bare Express app around it. */
export async function measureWait(bench: Bench, rounds: number): Promise<Report> {
  const [stage5, express, ours] = [newTimes(), newTimes(), newTimes()];
  await repeat("wait", rounds, async () => {
    const sandbox = await bench.openSandbox();
    await sandbox.startWorkers("application/worker.ts", ["--quiet"]);
    const times = await runClient(sandbox, "lab/bench/kafka/load_client.ts", TASKS, 1, WARM_UPS);
    stage5.p50.push(quantile(times, 0.5));
    stage5.p99.push(quantile(times, 0.99));
    // One at a time: each of them reads all results.
    const bare = await startExpress(sandbox, "lab/bench/baselines/express_reply.ts");
    await askOverHttp(bare.url, express);
    await bare.close();
    const gateway = await startGateway(sandbox);
    await askOverHttp(gateway.url, ours);
    await gateway.close();
    await sandbox.close();
  });
  const unit = "ms";
  return {
    title: `POST /tasks with Prefer: wait, one client, ${rounds} rounds of ${TASKS}; one worker for all`,
    figures: [
      { what: "stage 5's client, p50", values: stage5.p50, unit },
      { what: "bare Express around it, p50", values: express.p50, unit },
      { what: "gateway, p50", values: ours.p50, unit },
      { what: "bare Express / stage 5, p50", values: ratios(express.p50, stage5.p50) },
      { what: "gateway / bare Express, p50", values: ratios(ours.p50, express.p50) },
      { what: "gateway / stage 5, p50", values: ratios(ours.p50, stage5.p50), atMost: 1.5 },
      { what: "stage 5's client, p99", values: stage5.p99, unit },
      { what: "bare Express around it, p99", values: express.p99, unit },
      { what: "gateway, p99", values: ours.p99, unit },
    ],
  };
}

interface Times {
  p50: number[];
  p99: number[];
}

const newTimes = (): Times => ({ p50: [], p99: [] });

async function askOverHttp(base: string, times: Times): Promise<void> {
  const url = `${base}/tasks`;
  const ask = (amount: number) =>
    loadHttp({ url, method: "POST", headers: HEADERS, body: BODY, connections: 1, amount });
  await ask(WARM_UPS);
  const { p50, p99 } = await ask(TASKS);
  times.p50.push(p50);
  times.p99.push(p99);
}
