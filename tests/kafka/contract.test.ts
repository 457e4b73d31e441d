import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, inject } from "vitest";
import { formatAnswer } from "../../common/iris.ts";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { ownsPartitions, storedUpTo } from "../../lab/harness/lines.ts";
import type { Program } from "../../lab/harness/programs.ts";
import { promptRung, type Rung, testContract, toLine } from "../support/contract.ts";

const folder = mkdtempSync(join(tmpdir(), "iris-contract-"));
const db = join(folder, "predictions.db");
let sandbox: KafkaSandbox;
let persister: Program;
beforeAll(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  const worker = sandbox.start("5_task_queue/worker.ts");
  persister = sandbox.start("4_message_queue/persister.ts", ["--db", db]);
  await Promise.all([worker.waitFor(/^Partitions of tasks: 0/), ownsPartitions(persister, 1)]);
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

/** Stage 4's client never hears back, so the answers are those in the database: the votes lie in `results` alone. */
const messageQueue: Rung = {
  name: "4 message queue",
  ask: async (flowers) => {
    const input = flowers.map((flower) => `${toLine(flower)}\n`).join("");
    await sandbox.run("4_message_queue/client.ts", [], { input });
    await persister.waitFor(storedUpTo(flowers.length - 1));
    const results = await sandbox.readAll("results");
    return results.map(({ value }) =>
      formatAnswer({ ...JSON.parse(value ?? ""), ...JSON.parse(value ?? "").y }),
    );
  },
  refuse: async (line) => (await sandbox.run("4_message_queue/client.ts", [], { input: `${line}\n` })).stderr,
};

/** Answers come in the order in which they are ready; each names its question. */
const taskQueue: Rung = {
  ...promptRung("5 task queue", (options) => sandbox.run("5_task_queue/client.ts", [], options)),
  ask: async (flowers) => {
    const input = flowers.map((flower) => `${toLine(flower)}\n`).join("");
    const { stdout } = await sandbox.run("5_task_queue/client.ts", ["--verbose"], { input });
    return flowers.map((flower) => {
      const [, id] = new RegExp(`^-> (\\S+) ${toLine(flower)}$`, "m").exec(stdout) ?? [];
      const [, answer] = new RegExp(`^<- ${id} (.*), \\S+, \\d+ ms$`, "m").exec(stdout) ?? [];
      return answer ?? `no answer for ${toLine(flower)}`;
    });
  },
};

testContract([messageQueue, taskQueue]);
