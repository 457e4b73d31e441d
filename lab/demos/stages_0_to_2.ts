/** Stages 0 to 2 for the tour: train, ask once, ask in a loop. */
import { readFileSync } from "node:fs";
import { FIELDS, type Measurements } from "../../common/iris.ts";
import { MODEL_FILE } from "../../common/model_file.ts";
import { check, startShown } from "./narrate.ts";
import { type RungReport, secondsSince } from "./report.ts";

const toNumbers = (question: Measurements) => FIELDS.map((field) => String(question[field]));

/** Stage 0: trains into a file of its own and compares it with the committed model. */
export async function showTraining(modelFile: string): Promise<RungReport> {
  const { exitCode } = await startShown("train", "0_notebook/train.ts", ["--out", modelFile]).exited;
  const same = exitCode === 0 && readFileSync(modelFile).equals(readFileSync(MODEL_FILE));
  const held = check(
    "training again gives the model of the repository, byte for byte",
    same,
    "another model",
  );
  return { held, refused: 0, lost: 0 };
}

/** Stage 1: one process, one question. */
export async function showOneQuestion(question: Measurements): Promise<RungReport> {
  const start = performance.now();
  const { stdout } = await startShown("app", "1_monolith_cli/app.ts", toNumbers(question)).exited;
  const elapsed = secondsSince(start);
  const held = check("one question is answered", /^Iris type: [012] /.test(stdout), JSON.stringify(stdout));
  return { held, secondsToAnswer: elapsed, questionsPerSecond: 1 / elapsed, refused: 0, lost: 0 };
}

/** Stage 2: one process, many questions, the model loaded once. */
export async function showLoop(questions: readonly Measurements[]): Promise<RungReport> {
  const app = startShown("app", "2_monolith_user_input_loop/app.ts");
  await app.waitFor(/loaded once/);
  const start = performance.now();
  const answered = (count: number) => {
    let seen = 0;
    return (text: string) => text.startsWith("Iris type: ") && ++seen === count;
  };
  const [first, ...others] = questions;
  if (first !== undefined) app.type(toNumbers(first).join(","));
  await app.waitForLine(answered(1), "with an answer");
  const secondsToAnswer = secondsSince(start);
  for (const question of others) app.type(toNumbers(question).join(","));
  await app.waitForLine(answered(questions.length), "with the last answer");
  const elapsed = secondsSince(start);
  app.type("q");
  const { exitCode, stdout } = await app.exited;
  const answers = stdout.match(/^Iris type: /gm)?.length ?? 0;
  const held = check(
    `${questions.length} questions are answered by one process, and q ends it`,
    answers === questions.length && exitCode === 0,
    `${answers} answers, exit code ${exitCode}`,
  );
  return { held, secondsToAnswer, questionsPerSecond: answers / elapsed, refused: 0, lost: 0 };
}
