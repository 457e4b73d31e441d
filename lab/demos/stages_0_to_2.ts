/** Stages 0 to 2 for the tour: train, ask once, ask in a loop. */
import { readFileSync } from "node:fs";
import { FIELDS, formatLine, type Measurements } from "../../common/iris.ts";
import { MODEL_FILE } from "../../common/model_file.ts";
import { ANSWER, MODEL_LOADED } from "../harness/lines.ts";
import { check, startShown } from "./narrate.ts";
import { type StageReport, secondsSince } from "./report.ts";

/** Stage 0: trains into a file of its own and compares it with the committed model. */
export async function showTraining(modelFile: string): Promise<StageReport> {
  const { exitCode } = await startShown("train", "0_notebook/train.ts", ["--out", modelFile]).exited;
  const same = exitCode === 0 && readFileSync(modelFile).equals(readFileSync(MODEL_FILE));
  const held = check(
    "training again gives the model of the repository, byte for byte",
    same,
    "another model",
  );
  return { held };
}

/** Stage 1: one process, one question. */
export async function showOneQuestion(question: Measurements): Promise<StageReport> {
  const numbers = FIELDS.map((field) => String(question[field]));
  const start = performance.now();
  const { stdout } = await startShown("app", "1_monolith_cli/app.ts", numbers).exited;
  const seconds = secondsSince(start);
  const held = check("one question is answered", ANSWER.test(stdout), JSON.stringify(stdout));
  return { held, alone: { questions: 1, seconds } };
}

/** Stage 2: one process, many questions, the model loaded once. */
export async function showLoop(questions: readonly Measurements[]): Promise<StageReport> {
  const app = startShown("app", "2_monolith_user_input_loop/app.ts");
  await app.waitFor(MODEL_LOADED);
  const start = performance.now();
  for (const question of questions) app.type(formatLine(question));
  let answers = 0;
  await app.waitForLine((text) => {
    if (ANSWER.test(text)) answers += 1;
    return answers === questions.length;
  }, "with the last answer");
  const seconds = secondsSince(start);
  app.type("q");
  const { exitCode } = await app.exited;
  const held = check(
    `${questions.length} questions are answered by one process, and q ends it`,
    exitCode === 0,
    `exit code ${exitCode}`,
  );
  return { held, alone: { questions: questions.length, seconds } };
}
