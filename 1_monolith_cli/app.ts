/**
 * Stage 1: one program, one question. Stage 0 left a trained model in a file; here a program wraps it, so
 * that anyone with a shell can ask. Each question starts a process and loads the model.
 */
import { loadClassifier } from "../common/classifier.ts";
import { createProgram } from "../common/cli.ts";
import { formatAnswer, parseFields } from "../common/iris.ts";
import { modelOption } from "../common/model_option.ts";

const program = createProgram(
  "1_monolith_cli/app.ts",
  "Tells the species of one iris from its four measurements.",
  "npx tsx 1_monolith_cli/app.ts 6 3 4 1",
)
  .argument("[cm...]", "sepal length, sepal width, petal length and petal width, in cm")
  .option("--json", "print the answer as one JSON object")
  .addOption(modelOption())
  .parse();

if (program.args.length === 0) {
  program.error("Usage: app.ts <sepal length> <sepal width> <petal length> <petal width>, in cm.");
}
const measurements = parseFields(program.args);
if (!measurements.ok) throw measurements.error;

const { json, model } = program.opts();
const prediction = loadClassifier(model).predict(measurements.value);
console.log(json ? JSON.stringify(prediction) : formatAnswer(prediction));
