/**
 * `npm run doctor`: what is wrong? A tick or a cross a line, and for each cross the command that mends it. It only
 * looks: no topic, group or file is made.
 */
import pc from "picocolors";
import { createProgram } from "../../common/cli.ts";
import { modelFile } from "../../common/model_file.ts";
import { contact, judgeContact } from "./broker.ts";
import type { Finding } from "./check.ts";
import { examineModel, examineNativeModule, examineNode } from "./installation.ts";
import { examineKafkaPort, examineServerPort } from "./ports.ts";
import { sayWhichCanRun, stagesThatCanRun } from "./summary.ts";
import { judgeTools, lookForTools } from "./tools.ts";

const { json } = createProgram(
  "npm run doctor --",
  "Examines this machine and its Kafka. The exit code is 1 when a stage cannot run; tasks that wait for a worker are a cross, but no such case.",
  "npm run --silent doctor -- --json",
)
  .option("--json", "print one JSON object")
  .parse()
  .opts();

// All at once, each with a limit of its own: with a Kafka that stays silent it takes 4 seconds.
const [nativeModule, serverPort, tools, kafka] = await Promise.all([
  examineNativeModule(),
  examineServerPort(),
  lookForTools(),
  contact(),
]);
const kafkaPort = await examineKafkaPort(kafka);
const findings: Finding[] = [
  examineNode(),
  nativeModule,
  examineModel(modelFile(process.env)),
  serverPort,
  ...judgeTools(tools, kafka.kafka !== undefined),
  kafkaPort,
  judgeContact(kafka, tools, kafkaPort.mend),
];
if (kafka.kafka !== undefined) {
  const { examineQueues } = await import("./topics_and_groups.ts");
  findings.push(...(await examineQueues(kafka.kafka)));
}

const stages = stagesThatCanRun(findings);
const report = json ? formatJson() : formatText();
const exitCode = Object.values(stages).includes(false) ? 1 : 0;
// Not by itself: a connection to a silent port would keep it alive for half a minute.
process.stdout.write(`${report}\n`, () => process.exit(exitCode));

function formatJson(): string {
  const checks = findings.map(({ blocks, ...check }) => check);
  return JSON.stringify({ checks, stages });
}

function formatText(): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, ok, detail, mend }) => [
    `${ok ? pc.green("✓") : pc.red("✗")} ${name.padEnd(width)}  ${detail}`,
    ...(mend === undefined
      ? []
      : [`${" ".repeat(width + 4)}${ok ? pc.dim(`next: ${mend}`) : `mend: ${pc.cyan(mend)}`}`]),
  ]);
  return [...lines, sayWhichCanRun(findings)].join("\n");
}
