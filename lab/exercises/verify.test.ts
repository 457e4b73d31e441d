/**
 * `npm run verify`: what is not solved fails, the reference solutions pass, and nearly right ones are found
 * out.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../kafka/ports.ts";
import { readExercisePage } from "../../tests/support/exercise_page.ts";
import { copyProject, type ProjectCopy, type Verdict } from "../../tests/support/project_copy.ts";
import { HAS_TERMINAL } from "../../tests/support/terminal.ts";
import { start } from "../harness/programs.ts";

const HAS_SHELL = spawnSync("sh", ["-c", "printf ''"]).status === 0;

/** Of the reference solution one line is changed: one claim then must not hold, and another one still does. */
const NEARLY_RIGHT: [name: string, stage: number, from: string, to: string, wrong: string, right: string][] =
  [
    [
      "the README's example by heart",
      1,
      "SPECIES.toSorted((a, b) => probabilities[b] - probabilities[a])",
      "(['virginica', 'versicolor', 'setosa'] as const)",
      "--top 1 for a flower that is likeliest setosa",
      "--top 2 with 5 2.5 4.1 2: virginica before versicolor",
    ],
    [
      "the first answer again, not the last",
      2,
      "if (measurements.ok) last = measurements;",
      "if (measurements.ok && !last.ok) last = measurements;",
      "again and again, and after each new iris it is the newest that is repeated",
      "again repeats the last answer",
    ],
    [
      "no wait between the attempts",
      3,
      "await sleep(wait * 1000);",
      "",
      "--retries 3, refused once: it waits 2 s as Retry-After says, and has its answer",
      "--retries 1, refused twice: it ends with the line about 503, and the next question is asked",
    ],
    [
      "one attempt too many",
      3,
      "left === 0",
      "left < 0",
      "--retries 1, refused twice: it ends with the line about 503, and the next question is asked",
      "--retries 3, refused three times: it has its answer from the fourth request",
    ],
  ];

let copy: ProjectCopy;
beforeEach(() => {
  copy = copyProject();
});
afterEach(() => copy.delete());

describe.each([
  [0, "0_notebook", "0_notebook"],
  [1, "1_monolith_cli", "1_monolith_cli"],
  [2, "2_monolith_user_input_loop", "2_monolith_user_input_loop"],
  [3, "3_client_server", "3_client_server/client.test.ts"],
] as const)("stage %i", (stage, folder, affectedTests) => {
  const page = readExercisePage(folder);
  let asItIs: Verdict;
  beforeAll(async () => {
    const copy = copyProject();
    asItIs = await copy.verify([String(stage)]);
    copy.delete();
  });
  // Whoever has solved it runs these tests too. In CI it has to be unsolved.
  beforeEach(({ skip }) => {
    skip(asItIs.exitCode === 0 && process.env.CI === undefined, "this checkout has a solution");
  });

  test("unsolved fails, and what worked before still works", () => {
    const { exitCode, stderr, right, wrong, notRun, verdict } = asItIs;
    expect({ exitCode, stderr, notRun }).toEqual({ exitCode: 1, stderr: "", notRun: [] });
    expect(right.length).toBeGreaterThan(0);
    expect(right.filter((claim) => !claim.startsWith("as before"))).toEqual([]);
    expect(wrong.filter((claim) => claim.startsWith("as before"))).toEqual([]);
    expect(verdict).toBe(`${right.length} of ${right.length + wrong.length}: not there yet`);
  });

  test("the README shows what verify says of the unsolved exercise", () => {
    expect(page.shows(asItIs.stdout), asItIs.stdout).toBe(true);
  });

  test("the reference solution passes, and leaves tests, README and tour whole", async () => {
    expect(await copy.shell(page.apply)).toEqual({ exitCode: 0, all: "" });
    const { exitCode, stderr, right, wrong, verdict } = await copy.verify([String(stage)]);
    expect({ exitCode, stderr, wrong }).toEqual({ exitCode: 0, stderr: "", wrong: [] });
    expect(verdict).toBe(`${right.length} of ${right.length}: solved`);

    const commands = [
      ...page.commands,
      "npx tsc",
      "npx biome check",
      `npm test -- ${affectedTests}`,
      ...(HAS_TERMINAL ? [`npm test -- tests/readme.test.ts -t ${folder}/README.md`] : []),
      `npm start -- --stage ${stage}`,
    ];
    for (const command of commands) {
      const ran = await copy.shell(command);
      expect(ran.exitCode, `${command}\n${ran.all}`).toBe(0);
    }
  }, 600_000);

  if (stage < 3)
    test.runIf(HAS_SHELL)("a line behind 'asked' can be pasted, and prints what was seen", async () => {
      const { stdout } = await copy.verify([String(stage)]);
      const [, asked = "", seen = ""] =
        /asked {4}(.*)\n {4}seen {5}(.*(?:\n {13}.*)*)\n {4}exp/.exec(stdout) ?? [];
      const { all } = await copy.shell(asked);
      const wanted = seen.replaceAll(/\n {13}/g, "\n").replace(/\n\(exit code 2\)$/, "");
      // Stage 0's check says what it misses.
      if (stage === 0) expect(all).toContain("Saved to");
      else expect(all).toContain(wanted);
    });

  if (stage === 3)
    test.runIf(HAS_SHELL)("the commands behind 'asked' can be pasted into two terminals", async () => {
      await copy.solve(3, ["await sleep(wait * 1000);", ""]);
      const { stdout } = await copy.verify(["3"]);
      const [, answers = ""] = /asked {4}npx tsx lab\/exercises\/refusing_server\.ts (.*)/.exec(stdout) ?? [];
      const [, asked = ""] = /and in another terminal\n {13}(.*)/.exec(stdout) ?? [];
      // Another port than 8003, which may be taken.
      const port = await freePort();
      const args = [...answers.split(" "), "--port", String(port)];
      const server = start(join(copy.root, "lab/exercises/refusing_server.ts"), args);
      await server.waitFor(/^Serves on http/i);
      const { all } = await copy.shell(asked.replace("8003", String(port)));
      expect(all).toMatch(/The server is at its limit: asking again in 2 s\nIris type: 0/);
      expect((await server.stop()).exitCode).toBe(0);
    });

  test.for(NEARLY_RIGHT.filter((row) => row[1] === stage))(
    "%s is found out",
    async ([, stage, from, to, expectedWrong, expectedRight]) => {
      await copy.solve(stage, [from, to]);
      const { exitCode, right, wrong } = await copy.verify([String(stage)]);
      expect(exitCode).toBe(1);
      expect(wrong).toContain(expectedWrong);
      // What the change does not touch still holds: a fault is told where it is.
      expect(right).toContain(expectedRight);
    },
  );
});
