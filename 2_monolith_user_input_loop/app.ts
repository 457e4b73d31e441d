/**
 * Stage 2: load once, answer many. Stage 1 paid for the model with every question; here the model is loaded
 * before the first, and a loop answers until `q`. Still, it serves one person at one terminal.
 */
import { loadClassifier } from "../common/classifier.ts";
import { createProgram } from "../common/cli.ts";
import { formatAnswer } from "../common/iris.ts";
import { modelOption } from "../common/model_option.ts";
import { promptMeasurements } from "../common/prompt.ts";

const { model } = createProgram(
  "2_monolith_user_input_loop/app.ts",
  "Asks for the measurements of one iris after another and tells their species.",
  "npx tsx 2_monolith_user_input_loop/app.ts",
)
  .addOption(modelOption())
  .parse()
  .opts();

const start = performance.now();
const classifier = loadClassifier(model);
console.error(
  `Model ${classifier.card.version} loaded once, in ${(performance.now() - start).toFixed(1)} ms`,
);

for await (const measurements of promptMeasurements()) {
  console.log(formatAnswer(classifier.predict(measurements)));
}
