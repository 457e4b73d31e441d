/** A real Prometheus, where one is installed (Debian's package, or the release's archive on the PATH). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa, execaSync } from "execa";
import { freePort } from "../../kafka/ports.ts";
import { endWithThisProcess } from "../../lab/harness/watchdog.ts";
import { eventually } from "./kafka_state.ts";

const MISSING = "Skipped: no prometheus and promtool on this machine (Debian: apt-get install prometheus)";

/** For test.skipIf(). Where nothing may be skipped (IRIS_TEST_ALL=1) a missing Prometheus is a failure. */
export function hasPrometheus(env: NodeJS.ProcessEnv = process.env): boolean {
  const isThere = ["prometheus", "promtool"].every(
    (program) => execaSync(program, ["--version"], { reject: false }).exitCode === 0,
  );
  if (isThere) return true;
  if (env.IRIS_TEST_ALL === "1") throw new Error(MISSING);
  console.log(MISSING);
  return false;
}

/** Runs promtool; its output, and what it found. */
export function promtool(args: string[], input = "") {
  return execa("promtool", args, { input, reject: false, all: true });
}

export interface Sample {
  metric: Record<string, string>;
  value: number;
}

export interface Prometheus {
  /** What an expression is now. */
  query(expression: string): Promise<Sample[]>;
  /** What its API answers. */
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects in it.
  get(path: string): Promise<any>;
  close(): Promise<void>;
}

/** Starts it with this configuration file, and resolves when it is ready. */
export async function startPrometheus(configFile: string): Promise<Prometheus> {
  const data = await mkdtemp(join(tmpdir(), "iris-prometheus-"));
  const port = await freePort();
  const program = execa(
    "prometheus",
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ],
    { reject: false, all: true },
  );
  const forget = program.pid === undefined ? () => {} : endWithThisProcess(program.pid);
  const ended = program.then(({ all }) => {
    forget();
    throw new Error(`prometheus ended: ${all}`);
  });
  ended.catch(() => {}); // Whoever waits is told.
  const url = `http://127.0.0.1:${port}`;

  async function get(path: string) {
    const response = await fetch(`${url}${path}`);
    // biome-ignore lint/suspicious/noExplicitAny: as get() promises.
    const { status, data, error } = (await response.json()) as any;
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  }

  const isReady = async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true;
  await Promise.race([eventually(isReady), ended]);
  return {
    get,
    async query(expression) {
      const { result } = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
      return result.map(({ metric, value }: { metric: Sample["metric"]; value: [number, string] }) => ({
        metric,
        value: Number(value[1]),
      }));
    },
    async close() {
      program.kill("SIGTERM");
      await ended.catch(() => {});
      await rm(data, { recursive: true, maxRetries: 20 });
    },
  };
}
