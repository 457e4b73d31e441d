/**
 * Stage 5's client: stage 4's heard nothing more of a task; this one waits for the answer with its task's id,
 * from whichever worker it comes, and is not confused by the answers of others.
 */
import { Option } from "@commander-js/extra-typings";
import { createProgram, seconds, wholeNumber } from "../common/cli.ts";
import { openKafka } from "../common/kafka/open.ts";
import { printAbovePrompt } from "../common/line_editor.ts";
import { onShutdown } from "../common/shutdown.ts";
import { TaskQueue } from "./request_reply.ts";
import { answerLine } from "./task_lines.ts";

const program = createProgram(
  "5_task_queue/client.ts",
  "Asks for the measurements of irises; the workers' answers come back.",
  "npx tsx 5_task_queue/client.ts --samples 24\n" +
    "  npx tsx 5_task_queue/client.ts --file tasks.csv --out results.csv",
)
  .addOption(
    new Option("--timeout <s>", "seconds to wait for an answer")
      .argParser(seconds(0.1, 86_400))
      .default(30)
      .env("TIMEOUT"),
  )
  .addOption(
    new Option("--samples <n>", "ask n flowers of the data set at once")
      .argParser(wholeNumber(1, 100_000))
      .conflicts("file"),
  )
  .option("--file <tasks.csv>", "ask the rows of a file: sepal_length,sepal_width,petal_length,petal_width")
  .option("--out <results.csv>", "where the answers to --file go, in the order of its rows")
  .option("--verbose", "print whole ids, and each answer with its share of the votes")
  .parse();
const { timeout, samples, file, out, verbose = false } = program.opts();
if ((file === undefined) !== (out === undefined)) program.error("error: --file and --out go together.");

const kafka = await openKafka(process.env, `client:${process.pid}`, {
  say: printAbovePrompt,
});
const queue = await TaskQueue.open(kafka, (answer) =>
  printAbovePrompt(answerLine(answer, "too late", verbose)),
);
onShutdown(() => queue.close(), 130);

try {
  await Promise.race([work(), queue.failed]);
} finally {
  // Also when there is no such file: the group that was made for this client would stay behind.
  await queue.close();
}
// What kafkajs still tries while Kafka is away would keep the program alive.
process.exit();

async function work(): Promise<void> {
  // Imported here, so that a question does not wait for libraries that only many questions need.
  if (samples !== undefined) {
    const { askSamples } = await import("./ask_many.ts");
    process.exitCode = await askSamples(queue, samples, timeout);
  } else if (file !== undefined && out !== undefined) {
    const { askFile } = await import("./ask_file.ts");
    process.exitCode = await askFile(queue, file, out, timeout);
  } else {
    const { converse } = await import("./converse.ts");
    process.exitCode = await converse(queue, timeout, verbose);
  }
}
