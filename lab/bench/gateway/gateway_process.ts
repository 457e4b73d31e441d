/** A gateway for a measurement, on the topics of a sandbox, with a view in a folder of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GATEWAY_LISTENS, SERVES } from "../../harness/lines.ts";
import type { Program } from "../../harness/programs.ts";
import type { BenchSandbox } from "../kafka/sandbox.ts";

export const GATEWAY = "application/gateway/program.ts";

export interface GatewayProcess {
  url: string;
  program: Program;
  /** The file of its view. */
  view: string;
  /** Milliseconds from its start until /health/ready said 200. */
  readyAfter: number;
  /** Ends it and deletes its folder. */
  close(): Promise<void>;
}

/** Starts a gateway and waits until its view has caught up with Kafka. */
export async function startGateway(sandbox: BenchSandbox): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), "iris-bench-"));
  const db = join(folder, "predictions.db");
  const start = performance.now();
  const program = sandbox.start(GATEWAY, ["--port", "0", "--data", folder, "--db", db]);
  const [, url = ""] = await program.waitFor(GATEWAY_LISTENS);
  while (!(await fetch(`${url}/health/ready`)).ok) await sleep(5);
  const readyAfter = performance.now() - start;
  return {
    url,
    program,
    view: join(folder, "view.db"),
    readyAfter,
    async close() {
      await program.stop();
      rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}

/** Starts a bare Express app, on the topics of the sandbox. */
export async function startExpress(
  sandbox: BenchSandbox,
  file: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const program = sandbox.start(file);
  const [, url = ""] = await program.waitFor(SERVES);
  return {
    url,
    async close() {
      await program.stop();
    },
  };
}

/** Waits until the gateway has seen so many tasks end, as it says itself in its metrics. */
export async function tasksEnded(url: string, count: number): Promise<void> {
  while (
    (await readMetric(url, /^iris_tasks_total\{outcome="(?:success|failed|cancelled)"\} (\d+)/gm)) < count
  )
    await sleep(20);
}

/** The sum of all values that the pattern's group finds in /metrics. */
export async function readMetric(url: string, pattern: RegExp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}
