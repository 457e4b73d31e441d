/** A broker that keeps its data: its ports, its folder, and who had them before. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askOnce } from "../common/kafka/ask_once.ts";
import { ROOT } from "../lab/harness/programs.ts";
import type { Broker } from "./broker.ts";
import { isOrphaned, usualDataDir } from "./data_folder.ts";
import { startLastingBroker, untilOrphanHasEnded } from "./lasting.ts";
import { freePort, portAnswers } from "./ports.ts";

let dataDir: string;
let port: number;
let told: string[];
let undos: (() => unknown)[];
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "iris-lasting-"));
  port = await freePort();
  told = [];
  undos = [];
});
afterEach(async () => {
  for (const undo of undos) await undo();
  rmSync(dataDir, { recursive: true, maxRetries: 20 });
});

const waiting = () => ({ signal: new AbortController().signal, tell: (line: string) => told.push(line) });

async function startHere(): Promise<Broker> {
  const broker = await startLastingBroker({ port, dataDir }, waiting());
  undos.push(() => broker.stop());
  return broker;
}

async function occupy(taken: number): Promise<Server> {
  const server = createServer().listen(taken, "127.0.0.1");
  await once(server, "listening");
  undos.push(() => server.close());
  return server;
}

test("its port is taken the next time: it takes another, says so, and has its topics", async () => {
  const first = await startHere();
  expect([first.brokers, told]).toEqual([`localhost:${port}`, []]);
  await askOnce(first.brokers, (admin) => admin.createTopics({ topics: [{ topic: "kept" }] }));
  await first.stop();
  await occupy(port);
  const second = await startHere();
  expect(second.brokers).not.toBe(first.brokers);
  expect(told).toEqual([`Port ${port} is taken by something that is not Kafka`]);
  expect(await askOnce(second.brokers, (admin) => admin.listTopics())).toContain("kept");
});

test("the port beside its own is taken: its clients do not notice", async () => {
  await occupy(port + 1);
  expect((await startHere()).brokers).toBe(`localhost:${port}`);
});

test("nothing is waited for where nobody was, and where a broker and its launcher run", async () => {
  await untilOrphanHasEnded(join(dataDir, "none"), waiting());
  await startHere();
  expect(isOrphaned(dataDir)).toBe(false);
  await untilOrphanHasEnded(dataDir, waiting());
  expect(told).toEqual([]);
});

test.skipIf(process.platform === "win32")(
  "a broker whose launcher was killed is waited for: then its port and folder are free",
  async () => {
    const launcher = spawn(
      process.execPath,
      ["--import", "tsx", "kafka/start.ts", "--port", String(port), "--data-dir", dataDir],
      { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] },
    );
    while (!`${(await once(launcher.stdout, "data"))[0]}`.includes(" answers on "));
    launcher.kill("SIGKILL");
    await once(launcher, "exit");
    await untilOrphanHasEnded(dataDir, waiting());
    expect(told).toEqual([`Waiting until the Kafka of an earlier start has left ${dataDir}`]);
    expect(await portAnswers(port)).toBe(false);
    await startHere();
  },
);

test("the usual folder of a port is below .cache", () => {
  expect(usualDataDir(9092)).toBe(join(ROOT, ".cache", "kafka", "9092"));
});
