/**
 * The application's README cannot rot: it is started as the page says, and each curl prints what the page
 * shows.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../kafka/ports.ts";
import { startTemporaryBroker, type TemporaryBroker } from "../../kafka/temporary.ts";
import { type Program, start } from "../../lab/harness/programs.ts";
import { playCurl } from "../support/curl_readme.ts";

let own: TemporaryBroker;
let folder: string;
let app: Program;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "iris-readme-"));
  own = await startTemporaryBroker();
  const args = ["--port", String(await freePort()), "--data", folder];
  app = start("application/app.ts", args, { env: { KAFKA_BROKERS: own.broker.brokers } });
  [, url = ""] = await app.waitFor(/^Open (http:\S+)/);
});
afterAll(async () => {
  await app.stop();
  await own.close();
  await rm(folder, { recursive: true });
});

test("each curl of application/README.md prints what it promises", async () => {
  expect(await playCurl("application/README.md", url)).toBeGreaterThan(8);
});
