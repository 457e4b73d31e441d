/**
 * `npm run verify` of the stages that need a Kafka: unsolved, solved, nearly right; and it leaves nothing in
 * there.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { readExercisePage } from "../../tests/support/exercise_page.ts";
import { eventually } from "../../tests/support/kafka_state.ts";
import { copyProject, type ProjectCopy, type Verdict } from "../../tests/support/project_copy.ts";
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

/** Topics and groups of ours. */
async function namesInKafka(): Promise<{ topics: string[]; groups: string[] }> {
  const admin = new Kafka({ brokers: env.KAFKA_BROKERS.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
  await admin.disconnect();
  const ours = (names: string[]) => names.filter((name) => name.startsWith(PREFIX));
  return { topics: ours(topics), groups: ours(groups.map(({ groupId }) => groupId)) };
}

describe.each([
  [4, "4_message_queue", "stage.test.ts"],
  [5, "5_task_queue", "client.test.ts"],
] as const)("stage %i", (stage, folder, affectedTest) => {
  const page = readExercisePage(folder);
  let asItIs: Verdict;
  beforeAll(async () => {
    const copy = copyProject();
    asItIs = await copy.verify([String(stage)], { env });
    copy.delete();
  });
  // Whoever has solved it runs these tests too. In CI it has to be unsolved.
  beforeEach(({ skip }) => {
    skip(asItIs.exitCode === 0 && process.env.CI === undefined, "this checkout has a solution");
  });

  test("unsolved fails, what worked before still works, and no group is left in Kafka", async () => {
    const { exitCode, stderr, right, wrong, verdict } = asItIs;
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(right).toEqual([expect.stringMatching(/^as before: /)]);
    expect(verdict).toBe(`1 of ${wrong.length + 1}: not there yet`);
    expect(page.shows(asItIs.stdout), asItIs.stdout).toBe(true);
    expect((await namesInKafka()).groups).toEqual([]);
  });

  test("the reference solution passes, and leaves tests and tour whole", async () => {
    expect(await copy.shell(page.apply)).toEqual({ exitCode: 0, all: "" });
    const { exitCode, stdout, stderr, right, wrong, verdict } = await copy.verify([String(stage)], { env });
    expect({ exitCode, stderr, wrong }, stdout).toEqual({ exitCode: 0, stderr: "", wrong: [] });
    expect(verdict).toBe(`${right.length} of ${right.length}: solved`);
    expect((await namesInKafka()).groups).toEqual([]);
    // Nothing refers to its files any more.
    expect(existsSync(join(copy.root, ".cache/verify", `stage_${stage}`))).toBe(false);

    for (const command of [`npm test -- ${folder}/${affectedTest}`, `npm start -- --stage ${stage}`]) {
      const ran = await copy.shell(command, { KAFKA_BROKERS: env.KAFKA_BROKERS });
      expect(ran.exitCode, ran.all).toBe(0);
    }
  }, 600_000);

  if (stage === 4)
    test("rows that are chosen after the limit are found out", async () => {
      const chosen =
        'latest("iris_prediction").filter((row) => (row as { species: string }).species === species)';
      await copy.solve(4, ["latestOf(species)", chosen]);
      const { exitCode, wrong } = await copy.verify(["4"], { env });
      expect(exitCode).toBe(1);
      expect(wrong).toEqual([
        expect.stringMatching(/^--species \w+ --limit 2 shows two rows/),
        "without --json the table shows the same rows",
      ]);
    });

  if (stage === 5)
    test("tasks that are asked one after the other are found out", async () => {
      const ask = "await queue.ask(measurements, timeout)";
      const oneByOne = `const replies = []; for (let n = times; n > 0; n -= 1) replies.push(${ask});`;
      await copy.solve(
        5,
        [
          "const questions = Array.from({ length: times }, () => queue.ask(measurements, timeout));",
          oneByOne,
        ],
        ["await Promise.all(questions)", "replies"],
      );
      const { exitCode, stdout, wrong } = await copy.verify(["5"], { env });
      expect(exitCode).toBe(1);
      expect(wrong).toEqual([expect.stringMatching(/^three workers/)]);
      expect(stdout).toContain("seen     one task after the other");
    });
});

test("Ctrl-C in the middle: one line, and no topic is left", async () => {
  const verifying: Program = start("lab/exercises/verify.ts", ["4", "--root", copy.root], { env });
  await eventually(async () => (await namesInKafka()).topics.length === 3);
  const { exitCode, stdout, stderr } = await verifying.stop("SIGINT");
  expect(exitCode).toBe(130);
  expect(stdout).not.toContain("✗");
  expect(stderr).toMatch(/^Interrupted: .*\n$/);
  expect(existsSync(join(copy.root, ".cache/verify/stage_4"))).toBe(false);
});
