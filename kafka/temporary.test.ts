/** Brokers for a while leave nothing behind, or the next one deletes what they had to leave. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ROOT } from "../lab/harness/programs.ts";
import { portAnswers } from "./ports.ts";
import { startTemporaryBroker, sweepTemporaryBrokers } from "./temporary.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "iris-temporary-"));
  // Node asks TEMP on Windows.
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, parent);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(parent, { recursive: true });
});

/** Other programs keep files there too. */
function brokerFolders(): string[] {
  return readdirSync(parent).filter((name) => name.startsWith("iris-kafka-"));
}

test("a broker in use is not swept, also while it is stopped; closed, it leaves nothing", async () => {
  const { broker, close } = await startTemporaryBroker();
  expect(await sweepTemporaryBrokers()).toEqual([]);
  await broker.stop();
  expect(await sweepTemporaryBrokers()).toEqual([]);
  await broker.restart();
  await close();
  expect(brokerFolders()).toEqual([]);
});

test("its owner is killed with -9: the broker ends, and the next start deletes the folder", async () => {
  const script = `
    import { startTemporaryBroker } from "./kafka/temporary.ts";
    startTemporaryBroker().then(({ broker }) => console.log(broker.brokers));`;
  const owner = spawn(process.execPath, ["--import", "tsx", "--eval", script], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [brokers] = await once(owner.stdout, "data");
  owner.kill("SIGKILL");
  await once(owner, "exit");
  const [left = ""] = brokerFolders();
  while (await portAnswers(Number(`${brokers}`.trim().split(":")[1]))) await sleep(20);
  // Kafka gives its own lock back a little after its port.
  let swept: string[] = [];
  while (existsSync(join(parent, left))) swept = await sweepTemporaryBrokers();
  expect(swept).toEqual([join(parent, left)]);
});

test("only what is known to be left behind is deleted", async () => {
  const [new_, left, foreign] = ["iris-kafka-new", "iris-kafka-left", "iris-other"].map((name) =>
    join(parent, name),
  );
  for (const folder of [new_, left, foreign]) mkdirSync(join(folder ?? "", "data"), { recursive: true });
  for (const folder of [left, foreign]) writeFileSync(join(folder ?? "", "owner.lock"), "");
  expect(await sweepTemporaryBrokers()).toEqual([left]);
  expect(readdirSync(parent)).toEqual(["iris-kafka-new", "iris-other"]);
});

// So it is for a moment while another program deletes the folder.
test("a folder whose lock cannot be opened is left alone, and is no reason to fail", async () => {
  for (const name of ["data", "owner.lock"])
    mkdirSync(join(parent, "iris-kafka-other", name), { recursive: true });
  expect(await sweepTemporaryBrokers()).toEqual([]);
  expect(brokerFolders()).toEqual(["iris-kafka-other"]);
});

test("a start that fails or is interrupted leaves nothing", async () => {
  vi.stubEnv("JAVA_HOME", parent);
  await expect(startTemporaryBroker()).rejects.toMatchObject({ kind: "java_missing" });
  expect(brokerFolders()).toEqual([]);
  vi.stubEnv("JAVA_HOME", "");
  const interrupted = new AbortController();
  const tell = (line: string) => {
    if (line.startsWith("Starting the broker")) interrupted.abort(new Error("Ctrl-C"));
  };
  await expect(startTemporaryBroker({ signal: interrupted.signal, tell })).rejects.toThrow("Ctrl-C");
  expect(brokerFolders()).toEqual([]);
});
