/**
 * `npm run doctor`: what is wrong? A line for each check, and for each cross the command that fixes it.
 * Without
 * --sweep it only looks: no topic, group or file is made or deleted.
 */
import { createProgram } from "../../common/cli.ts";
import { modelFile } from "../../common/model_file.ts";
import { colors } from "../harness/colors.ts";
import { wrapped } from "../harness/hang.ts";
import { contact, judgeContact } from "./broker.ts";
import type { Check } from "./check.ts";
import { examineModel, examineNativeModule, examineNode } from "./installation.ts";
import { examineKafkaPort, examineServerPort } from "./ports.ts";
import { sayWhichCanRun, stagesThatCanRun } from "./summary.ts";
import { judgeTools, lookForTools } from "./tools.ts";

const { json, sweep } = createProgram(
  "npm run doctor --",
  "Checks this machine and its Kafka: a tick, an exclamation mark where something waits, or a cross. " +
    "The exit code is 1 when a stage cannot run.",
  "npm run --silent doctor -- --json",
)
  .option("--json", "print one JSON object")
  .option("--sweep", "delete what demonstrations, tests and benchmarks that crashed have left behind")
  .parse()
  .opts();

if (sweep) {
  const { sweepAll } = await import("./sweep.ts");
  const swept = await sweepAll();
  process.stdout.write(`${swept.join("\n")}\n`, () => process.exit(0));
  await new Promise(() => {}); // Until the line above is out.
}

// All at once, each with a limit of its own: with a Kafka that stays silent it takes 4 seconds.
const [nativeModule, serverPort, tools, kafka] = await Promise.all([
  examineNativeModule(),
  examineServerPort(),
  lookForTools(),
  contact(),
]);
const kafkaPort = await examineKafkaPort(kafka);
const checks: Check[] = [
  examineNode(),
  nativeModule,
  examineModel(modelFile(process.env)),
  serverPort,
  ...judgeTools(tools, kafka.kafka !== undefined),
  kafkaPort,
  judgeContact(kafka, tools, kafkaPort.fix),
];
if (kafka.kafka !== undefined) {
  const { examineQueues } = await import("./topics_and_groups.ts");
  checks.push(...(await examineQueues(kafka.kafka)));
}

const stages = stagesThatCanRun(checks);
const report = json ? formatJson() : formatText();
const exitCode = Object.values(stages).includes(false) ? 1 : 0;
// Not by itself: a connection to a silent port would keep it alive for half a minute.
process.stdout.write(`${report}\n`, () => process.exit(exitCode));

function formatJson(): string {
  const shown = checks.map(({ blocks, ...check }) => check);
  return JSON.stringify({ checks: shown, stages });
}

function formatText(): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  // A command is not wrapped: it is to be copied.
  const lines = checks.flatMap(({ name, ok, warning, detail, fix, see }) => [
    wrapped(detail, `${markOf(ok, warning)} ${name.padEnd(width)}  `, width + 4),
    ...(fix === undefined
      ? []
      : [`${" ".repeat(width + 4)}${ok ? colors().dim(`next: ${fix}`) : `fix: ${colors().cyan(fix)}`}`]),
    ...(see === undefined ? [] : [`${" ".repeat(width + 4)}${colors().dim(`see: ${see}`)}`]),
  ]);
  return [...lines, wrapped(sayWhichCanRun(checks))].join("\n");
}

function markOf(ok: boolean, warning = false): string {
  if (warning) return colors().yellow("!");
  return ok ? colors().green("✓") : colors().red("✗");
}
