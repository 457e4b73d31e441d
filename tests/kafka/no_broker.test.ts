/** No Kafka where one is expected: each program says so in one line, soon, and says what to do. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../kafka/ports.ts";
import { run } from "../../lab/harness/programs.ts";
import { expectWithin } from "../support/kafka_state.ts";

let folder: string;
let nobody: string;
let silent: Server;
let http: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "iris-no-broker-"));
  nobody = `localhost:${await freePort()}`;
  silent = await listening(createServer());
  http = await listening(createHttpServer((_, response) => response.end("Hello")));
});
afterAll(() => {
  silent.close();
  http.close();
  rmSync(folder, { recursive: true });
});

async function listening(server: Server): Promise<Server> {
  await once(server.listen(0, "localhost"), "listening");
  return server;
}
const addressOf = (server: Server): string => `localhost:${(server.address() as AddressInfo).port}`;

const PROGRAMS = [
  "4_message_queue/client.ts",
  "4_message_queue/worker.ts",
  "4_message_queue/persister.ts",
  "5_task_queue/client.ts",
  "5_task_queue/worker.ts",
  "5_task_queue/persister.ts",
  "5_task_queue/kafka_setup.ts",
  "application/worker.ts",
  "application/persister.ts",
  "application/gateway/program.ts",
];

const THREE_WAYS =
  "start one with npm run kafka or docker compose up -d, or name another with KAFKA_BROKERS=host:port";

/** Runs it against this address; returns how long it took. */
async function expectRefusal(
  program: string,
  address: string,
  reason = `No Kafka answers at ${address}:`,
): Promise<string> {
  const args = program.endsWith("persister.ts") ? ["--db", join(folder, "predictions.db")] : [];
  const started = performance.now();
  const input = "6,3,4,1\n";
  const exit = await run(program, args, { env: { KAFKA_BROKERS: address }, input });
  // What runs on and on says its process id first.
  const stdout = /(worker|persister)\.ts$/.test(program)
    ? expect.stringMatching(/^.* \(pid \d+, Ctrl-C stops\)\n$/)
    : "";
  expect(exit).toMatchObject({ exitCode: 1, stdout, stderr: `${reason} ${THREE_WAYS}\n` });
  return expectWithin(5, started, performance.now());
}

test.for(PROGRAMS)("%s: nobody listens", async (program, { annotate }) => {
  await annotate(await expectRefusal(program, nobody));
});

// The worst that an address can be, and the reason why the first contact has a limit of its own.
const AGAINST_SILENCE = ["4_message_queue/worker.ts", "5_task_queue/client.ts"];
test.for(AGAINST_SILENCE)("%s: a port that accepts and stays silent", async (program, { annotate }) => {
  await annotate(await expectRefusal(program, addressOf(silent)));
});

const OTHERS: [string, () => string][] = [
  ["an unknown host name", () => "kafka.invalid:9092"],
  ["several addresses, and none answers", () => `${nobody},kafka.invalid:9092`],
];

test.for(OTHERS)("%s", async ([, address], { annotate }) => {
  await annotate(await expectRefusal("5_task_queue/client.ts", address()));
});

// It hangs up, and so does a Kafka that wants a password: from here the two look the same.
test("a port that speaks HTTP", async ({ annotate }) => {
  const address = addressOf(http);
  const logIn = "set KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM";
  const reason = `${address} hung up. If that is Kafka, it wants a password: ${logIn}. If not,`;
  await annotate(await expectRefusal("5_task_queue/client.ts", address, reason));
});
