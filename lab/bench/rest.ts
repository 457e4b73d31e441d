/**
 * Measures stage 3 without simulated cost against a bare Express app and Fastify, which do the same
 * prediction.
 */
import type autocannon from "autocannon";
import Table from "cli-table3";
import { execa } from "execa";
import { createProgram, seconds, wholeNumber } from "../../common/cli.ts";
import { SERVES } from "../harness/lines.ts";
import { type Program, start } from "../harness/programs.ts";
import { loadHttp } from "./http_load.ts";
import { median, summarize } from "./statistics.ts";

const options = createProgram(
  "lab/bench/rest.ts",
  "Measures the REST server against its peers.",
  "npm run bench:rest",
)
  .option("--rounds <n>", "how often each server is measured", wholeNumber(3, 100), 5)
  .option("--duration <s>", "seconds of one measurement", seconds(1, 60), 3)
  .option("--requests <n>", "requests over which memory is watched", wholeNumber(10_000), 100_000)
  .parse()
  .opts();

const CONNECTIONS = [1, 8, 64];
const HEADERS = { "Content-Type": "application/json", "Process-Id": "1" };
const BODY = JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 });

interface Contender {
  name: string;
  program: Program;
  url: string;
}

async function serve(name: string, file: string, args: string[] = []): Promise<Contender> {
  const program = start(file, args);
  const [, url = ""] = await program.waitFor(SERVES);
  return { name, program, url };
}

const load = (url: string, how: Partial<autocannon.Options>) =>
  loadHttp({ url: `${url}/iris-classifier`, method: "POST", headers: HEADERS, body: BODY, ...how });

const stage3 = await serve("stage 3", "3_client_server/server.ts", ["--port", "0", "--no-request-log"]);
const bare = await serve("bare Express", "lab/bench/baselines/express.ts");
const fastify = await serve("Fastify", "lab/bench/baselines/fastify.ts");
const contenders = [stage3, bare, fastify];
for (const { url } of contenders) await load(url, { connections: 64, duration: 3 });

const table = new Table({
  head: [
    "connections",
    "server",
    "requests a second",
    "times bare Express",
    "p99 ms",
    "p99, times bare Express",
  ],
  style: { head: [], border: [] },
});
for (const connections of CONNECTIONS) {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const p99s = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    // In another order each round, so that none always follows the same one.
    for (const { name, url } of [...contenders.slice(round % 3), ...contenders.slice(0, round % 3)]) {
      const { rate, p99 } = await load(url, { connections, duration: options.duration });
      rates.get(name)?.push(rate);
      p99s.get(name)?.push(p99);
    }
  }
  for (const { name } of contenders) {
    const ratio = (of: Map<string, number[]>) =>
      (of.get(name) ?? []).map((value, round) => value / (of.get(bare.name)?.[round] ?? Number.NaN));
    table.push([
      connections,
      name,
      median(rates.get(name) ?? []).toFixed(0),
      summarize(ratio(rates)),
      median(p99s.get(name) ?? []).toFixed(2),
      summarize(ratio(p99s)),
    ]);
  }
}
console.log(
  `${options.rounds} rounds of ${options.duration} s, request log off, Node ${process.version}\n${table}`,
);

if (process.platform !== "win32") {
  const resident: number[] = [];
  const step = Math.ceil(options.requests / 5);
  for (let part = 0; part <= 5; part += 1) {
    if (part > 0) await load(stage3.url, { connections: 64, amount: step });
    const { stdout } = await execa("ps", ["-o", "rss=", "-p", String(stage3.program.pid)]);
    resident.push(Math.round(Number(stdout) / 1024));
  }
  console.log(
    `Resident memory of stage 3, in MB, after each ${step} of ${options.requests} requests: ` +
      resident.join(", "),
  );
}
await Promise.all(contenders.map(({ program }) => program.kill()));
