/** `npm run verify` of the stages that need a Kafka: unsolved, solved, nearly right; and it leaves nothing in there. */
import { Kafka, logLevel } from "kafkajs";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../../tests/support/kafka_state.ts";
import { copyProject, type ProjectCopy } from "../../tests/support/project_copy.ts";
import { type Program, start } from "../harness/programs.ts";

// A prefix of this file's own, in front of the one that each verification takes.
const PREFIX = `test-verify-${process.pid}-`;
const env = { KAFKA_BROKERS: inject("kafkaBrokers"), KAFKA_TOPIC_PREFIX: PREFIX };

let copy: ProjectCopy;
beforeEach(() => {
  copy = copyProject();
});
afterEach(async () => {
  copy.delete();
  expect((await namesInKafka()).topics).toEqual([]);
});

/** What there is of ours. */
async function namesInKafka(): Promise<{ topics: string[]; groups: string[] }> {
  const admin = new Kafka({ brokers: env.KAFKA_BROKERS.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
  await admin.disconnect();
  const ours = (names: string[]) => names.filter((name) => name.startsWith(PREFIX));
  return { topics: ours(topics), groups: ours(groups.map(({ groupId }) => groupId)) };
}

describe.each([4, 5])("stage %i", (stage) => {
  test("unsolved fails, what worked before still works, and no group is left in Kafka", async () => {
    const { exitCode, stderr, right, wrong, verdict } = await copy.verify(stage, [], { env });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(right).toEqual([expect.stringMatching(/^as before: /)]);
    expect(verdict).toBe(`1 of ${wrong.length + 1}: not there yet`);
    expect((await namesInKafka()).groups).toEqual([]);
  });

  test("the reference solution passes, and no group is left in Kafka", async () => {
    await copy.solve(stage);
    const { exitCode, stdout, stderr, right, wrong, verdict } = await copy.verify(stage, [], { env });
    expect({ exitCode, stderr, wrong }, stdout).toEqual({ exitCode: 0, stderr: "", wrong: [] });
    expect(verdict).toBe(`${right.length} of ${right.length}: solved`);
    expect((await namesInKafka()).groups).toEqual([]);
  });
});

test("stage 4: rows that are chosen after the limit are found out", async () => {
  await copy.solve(4);
  copy.change(
    "common/results_store.ts",
    "WHERE species = coalesce(?, species) ORDER",
    "WHERE ? IS NOT 0 ORDER",
  );
  const chosen = ".filter((row) => species === undefined || row.species === species)";
  copy.change(
    "common/results_store.ts",
    'as History["latest"],',
    `as History["latest"]).${chosen.slice(1)},`,
  );
  copy.change("common/results_store.ts", "latest: latest.all(", "latest: (latest.all(");
  const { exitCode, wrong } = await copy.verify(4, [], { env });
  expect(exitCode).toBe(1);
  expect(wrong).toEqual([
    expect.stringMatching(/^--species \w+ --limit 2 shows two rows/),
    "without --json the table shows the same rows",
  ]);
});

test("stage 5: tasks that are asked one after the other are found out", async () => {
  await copy.solve(5);
  const together = "await ask(Array<Measurements>(options.repeat ?? 1).fill(measurements));";
  const oneByOne =
    "for (let n = options.repeat ?? 1; n > 0; n -= 1) replies.push(...(await waitForAll([measurements])));";
  const waitForAll =
    "const waitForAll = async (all: Measurements[]) => { const r = await ask(all); await Promise.all(r); return r; };";
  copy.change(
    "5_task_queue/client.ts",
    `const replies = ${together}`,
    `const replies: Promise<Reply>[] = [];\n${waitForAll}\n${oneByOne}`,
  );
  const { exitCode, stdout, wrong } = await copy.verify(5, [], { env });
  expect(exitCode).toBe(1);
  expect(wrong).toEqual([expect.stringMatching(/^three workers/)]);
  expect(stdout).toContain("seen     one task after the other");
});

test("Ctrl-C in the middle leaves no topic behind", async () => {
  const verifying: Program = start("lab/exercises/verify.ts", ["4", "--root", copy.root], { env });
  await eventually(async () => (await namesInKafka()).topics.length === 3);
  const { exitCode } = await verifying.stop("SIGINT");
  expect(exitCode).toBe(130);
});
