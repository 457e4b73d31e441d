/** `npm run verify`: what is not solved fails, the reference solutions pass, and what crashes or cheats does not. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../kafka/ports.ts";
import { copyProject, type ProjectCopy } from "../../tests/support/project_copy.ts";
import { ROOT, run } from "../harness/programs.ts";

const APP = "1_monolith_cli/app.ts";

let copy: ProjectCopy;
beforeEach(() => {
  copy = copyProject();
});
afterEach(() => copy.delete());

describe.each([0, 1, 2, 3])("stage %i", (stage) => {
  test("unsolved fails, and what worked before still works", async () => {
    const { exitCode, stderr, right, wrong, verdict } = await copy.verify(stage);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(right.length).toBeGreaterThan(0);
    expect(right.filter((claim) => !claim.startsWith("as before"))).toEqual([]);
    expect(wrong.filter((claim) => claim.startsWith("as before"))).toEqual([]);
    expect(verdict).toBe(`${right.length} of ${right.length + wrong.length}: not there yet`);
  });

  test("the reference solution passes", async () => {
    await copy.solve(stage);
    const { exitCode, stderr, right, wrong, verdict } = await copy.verify(stage);
    expect({ exitCode, stderr, wrong }).toEqual({ exitCode: 0, stderr: "", wrong: [] });
    expect(verdict).toBe(`${right.length} of ${right.length}: solved`);
  });
});

/** Nearly right: of the reference solution one thing is changed, and these claims then must not hold. */
const NEARLY_RIGHT: [name: string, stage: number, file: string, from: string, to: string, wrong: string[]][] =
  [
    [
      "precision in place of recall",
      0,
      "0_notebook/model_card.ts",
      "const row = confusion_matrix[irisType] ?? [];",
      "const row = confusion_matrix.map((all) => all[irisType] ?? 0);",
      ["the same for a file of one's own, with other numbers of each species and with wrong labels"],
    ],
    [
      "the README's example by heart",
      1,
      APP,
      "formatLikeliest(prediction, top)",
      '["virginica 56 %", "versicolor 43 %"].slice(0, top).join("\\n")',
      [
        "--top 1 prints so many lines, the likeliest first, when that is setosa",
        "--top 2 prints so many lines, the likeliest first, when that is versicolor",
        "--top 3 prints so many lines, the likeliest first, when that is virginica",
      ],
    ],
    [
      "another line without --top",
      1,
      APP,
      "console.log(formatAnswer(prediction))",
      "console.log(prediction.species)",
      ["as before: without --top the answer is one line, and --json one object"],
    ],
    [
      "the first answer again, not the last",
      2,
      "common/prompt.ts",
      "last = measurements.value;\n      yield last;",
      "last ??= measurements.value;\n      yield line.trim() === AGAIN ? last : measurements.value;",
      ["again and again, and after each new iris it is the newest that is repeated"],
    ],
    [
      "no wait between the attempts",
      3,
      "3_client_server/client.ts",
      "await sleep(wait * 1000);",
      "",
      [
        "refused once, it waits for Retry-After (2 s) and has its answer",
        "refused three times, it has its answer at the fourth request",
      ],
    ],
  ];

test.for(NEARLY_RIGHT)("%s is found out", async ([, stage, file, from, to, expected]) => {
  await copy.solve(stage);
  copy.change(file, from, to);
  const { exitCode, wrong } = await copy.verify(stage);
  expect(exitCode).toBe(1);
  expect(wrong).toEqual(expect.arrayContaining(expected));
  // All else is as it was: a fault is told where it is. (Without a wait the real server refuses as well.)
  const others = wrong.filter((claim) => !expected.includes(claim) && !/recall|real server/.test(claim));
  expect(others).toEqual([]);
});

describe("a program that fails altogether", () => {
  const FIRST_LINE = 'import { loadClassifier } from "../common/classifier.ts";';
  const AFTER_PARSING = "const measurements";
  test.each([
    // Wrong usage is refused before it comes so far, so that this claim holds.
    ["throws", AFTER_PARSING, 'throw new Error("oops");', 1, /it crashed: Unexpected error: oops/],
    ["throws at once", FIRST_LINE, 'throw new TypeError("oops");', 0, /it crashed: TypeError: oops/],
    [
      "is no TypeScript",
      FIRST_LINE,
      "const = 1;",
      0,
      /it crashed: .*app\.ts:5:6: ERROR: Expected identifier/,
    ],
    [
      "imports what is not there",
      FIRST_LINE,
      'import "./gone.ts";',
      0,
      /it crashed: Error \[ERR_MODULE_NOT_FOUND\]/,
    ],
    // It answers all the same.
    ["prints a stack trace", FIRST_LINE, 'console.error(new Error("oops"));', 0, /it crashed: Error: oops/],
  ])("it %s", async (_name, place, line, holding, seen) => {
    await copy.solve(1);
    copy.change(APP, place, `${line}\n${place}`);
    const { exitCode, stdout, stderr, verdict } = await copy.verify(1);
    expect({ exitCode, stderr, verdict }).toEqual({
      exitCode: 1,
      stderr: "",
      verdict: `${holding} of 7: not there yet`,
    });
    expect(stdout).toMatch(seen);
    expect(stdout).not.toMatch(/^\s*at /m);
  });

  test("it hangs: it is ended, and nothing is left running", async () => {
    await copy.solve(1);
    const pids = join(copy.root, "pids.txt");
    const hang = `appendFileSync(${JSON.stringify(pids)}, process.pid + "\\n");\nawait new Promise(() => setInterval(() => {}, 1000));`;
    copy.change(APP, FIRST_LINE, `import { appendFileSync } from "node:fs";\n${hang}\n${FIRST_LINE}`);
    const { exitCode, stdout, verdict } = await copy.verify(1, ["--limit", "3"]);
    expect({ exitCode, verdict }).toEqual({ exitCode: 1, verdict: "0 of 7: not there yet" });
    expect(stdout.match(/seen {5}it has not ended after 3 s/g)).toHaveLength(7);
    const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    for (const pid of started) expect(() => process.kill(pid, 0), String(pid)).toThrow("ESRCH");
  });
});

test.each([
  [["9"], "Expected a whole number from 0 to 5."],
  [["three"], "Expected a whole number from 0 to 5."],
  [[], "missing required argument 'stage'"],
])("verify %j is refused in one line", async (args, message) => {
  const { exitCode, stdout, stderr } = await run("lab/exercises/verify.ts", args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test.each([4, 5])("stage %i without a Kafka says what is missing, in one line", async (stage) => {
  const nobody = `localhost:${await freePort()}`;
  const { exitCode, stdout, stderr } = await copy.verify(stage, [], { env: { KAFKA_BROKERS: nobody } });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toBe(
    `No Kafka answers at ${nobody}: start one with npm run kafka or docker compose up -d, or name another with KAFKA_BROKERS=host:port\n`,
  );
});

test("the solutions are good code: all of them together satisfy tsc and biome", async () => {
  for (const stage of [0, 1, 2, 3, 4, 5]) await copy.solve(stage);
  const inCopy = { cwd: copy.root, preferLocal: true, localDir: ROOT, all: true, reject: false } as const;
  expect(await execa("tsc", [], inCopy)).toMatchObject({ exitCode: 0, all: "" });
  const { exitCode, all } = await execa("biome", ["check"], inCopy);
  expect(exitCode, all).toBe(0);
});
