/** The READMEs of the Kafka stages cannot rot either. They get a broker of their own, as a reader has. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTemporaryBroker, type TemporaryBroker } from "../../kafka/temporary.ts";
import { playReadme } from "../support/readme.ts";
import { HAS_TERMINAL } from "../support/terminal.ts";

let own: TemporaryBroker;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "iris-readme-"));
  own = await startTemporaryBroker();
});
afterAll(async () => {
  await own.close();
  await rm(folder, { recursive: true });
});

// In this order: stage 5 finds the topics that stage 4 has made.
describe.skipIf(!HAS_TERMINAL).each(["4_message_queue", "5_task_queue"])("%s/README.md", (stage) => {
  test("prints what it promises", async () => {
    const env = { KAFKA_BROKERS: own.broker.brokers, IRIS_DB: join(folder, `${stage}.db`) };
    expect(await playReadme(`${stage}/README.md`, env)).toBeGreaterThan(4);
  });
});
