/** Stage 2's exercise: the word `again`. It is typed on a pipe, among irises drawn at random. */
import { formatAnswer } from "../../common/iris.ts";
import type { Exercise } from "./program_under_test.ts";
import { randomIris, toLine } from "./random_iris.ts";
import { assertThat, describe, type Ran } from "./requirement.ts";

const APP = "2_monolith_user_input_loop/app.ts";
const BAD_LINE = "-1,3,4,1";

export const exercise: Exercise = {
  task: "the prompt takes the word again, which repeats an answer",
  requirements({ run, classifier }) {
    const [a, b, c] = (["setosa", "versicolor", "virginica"] as const).map((species) => {
      const iris = randomIris(classifier, species);
      return { line: toLine(iris), answer: formatAnswer(classifier.predict(iris)) };
    }) as [Typed, Typed, Typed];

    const type = async (lines: string[], answers: Typed[]): Promise<Ran> => {
      const ran = await run(APP, [], { input: lines.map((line) => `${line}\n`).join("") });
      const expected = answers.map(({ answer }) => answer).join("\n");
      const isRight = ran.exitCode === 0 && ran.stdout.trimEnd() === expected;
      // What was asked about is the answers; the other stream tells only why there are none.
      assertThat(
        isRight,
        ran,
        expected,
        ran.stdout === "" || ran.exitCode !== 0 ? describe(ran) : ran.stdout.trimEnd(),
      );
      return ran;
    };
    const assertReport = (ran: Ran, line: number) =>
      assertThat(
        new RegExp(`^Line ${line} skipped: .`, "m").test(ran.stderr),
        ran,
        `Line ${line} skipped: ... on stderr`,
      );

    return [
      {
        claim: "again repeats the last answer",
        check: async () => {
          await type([b.line, "again", "q"], [b, b]);
        },
      },
      {
        claim: "again and again, and after each new iris it is the newest that is repeated",
        check: async () => {
          await type([a.line, "again", "again", c.line, "again", b.line, "again"], [a, a, a, c, c, b, b]);
        },
      },
      {
        claim: "again after a bad line repeats the answer before it",
        check: async () => assertReport(await type([c.line, BAD_LINE, "again"], [c, c]), 2),
      },
      {
        claim: "again as the first line is reported on stderr and skipped",
        check: async () => assertReport(await type(["again", a.line, "again"], [a, a]), 1),
      },
      {
        claim: "as before: each line is answered, a bad one reported, q ends it, the model is loaded once",
        check: async () => {
          const ran = await type([a.line, BAD_LINE, b.line, "q", c.line], [a, b]);
          assertReport(ran, 2);
          const loads = ran.stderr.match(/^Model \w+ loaded once/gm)?.length ?? 0;
          assertThat(loads === 1, ran, "Model ... loaded once, in one line on stderr");
        },
      },
    ];
  },
};

interface Typed {
  line: string;
  answer: string;
}
