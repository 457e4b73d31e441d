/** Two gateways on the same topics: each answers for what the other has accepted, also when it is gone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { GATEWAY_LISTENS } from "../../lab/harness/lines.ts";
import { postAll, untilFinal } from "../support/crowd_of_tasks.ts";

let sandbox: KafkaSandbox;
let folder: string;
beforeEach(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  folder = mkdtempSync(join(tmpdir(), "iris-gateways-"));
});
afterEach(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

async function startGateway(name: string) {
  const data = join(folder, name);
  const db = join(folder, "predictions.db");
  const program = sandbox.start("application/gateway/program.ts", [
    "--port",
    "0",
    "--data",
    data,
    "--db",
    db,
  ]);
  const [, url = ""] = await program.waitFor(GATEWAY_LISTENS);
  return { program, url };
}

test("an id that one has just given, the other knows at once", async () => {
  const [a, b] = await Promise.all([startGateway("a"), startGateway("b")]);
  for (let round = 0; round < 50; round += 1) {
    const [id = ""] = await postAll([a.url], 1);
    const { status } = await fetch(`${b.url}/tasks/${id}`);
    expect(status).toBe(200);
  }
  const nobodys = "00000000-0000-4000-8000-000000000000";
  expect((await fetch(`${b.url}/tasks/${nobodys}`)).status).toBe(404);
});

test("one is killed: the other answers for all ids, and a client of both loses nothing", async () => {
  const [a, b] = await Promise.all([startGateway("a"), startGateway("b")]);
  sandbox.start("application/worker.ts", ["--name", "worker-1"]);
  const ids = await postAll([a.url, b.url], 300, {
    onAccepted: async (count) => void (count === 100 && (await a.program.kill())),
  });
  const tasks = await Promise.all(ids.map((id) => untilFinal([b.url], id)));
  expect(tasks.filter(({ status }) => status !== "SUCCESS")).toEqual([]);
});
