/**
 * Stage 5's client: stage 4's heard nothing more of a task; this one waits for the answer with its task's id, from
 * whichever worker it comes, and is not confused by the answers of others.
 */
import { Option } from "commander";
import { createProgram, seconds, wholeNumber } from "../common/cli.ts";
import { FIELDS, formatAnswer, type Measurements } from "../common/iris.ts";
import { contactKafka, createKafka, ensureTopics, TOPICS } from "../common/kafka/client.ts";
import { promptMeasurements } from "../common/prompt.ts";
import { onShutdown } from "../common/shutdown.ts";
import { openTaskQueue, type Reply } from "./request_reply.ts";

interface Options {
  timeout: number;
  samples?: number;
  file?: string;
  out?: string;
}

const program = createProgram(
  "5_task_queue/client.ts",
  "Asks for the measurements of irises; the workers' answers come back.",
  "npx tsx 5_task_queue/client.ts --samples 24\n  npx tsx 5_task_queue/client.ts --file tasks.csv --out results.csv",
)
  .addOption(
    new Option("--timeout <s>", "seconds to wait for an answer")
      .argParser(seconds(0.1, 86_400))
      .default(30)
      .env("TIMEOUT"),
  )
  .addOption(
    new Option("--samples <n>", "ask n rows of the data set at once")
      .argParser(wholeNumber(1, 100_000))
      .conflicts("file"),
  )
  .option("--file <tasks.csv>", "ask the rows of a file: sepal_length,sepal_width,petal_length,petal_width")
  .option("--out <results.csv>", "where the answers to --file go, in the order of its rows")
  .parse();
const options = program.opts<Options>();
if ((options.file === undefined) !== (options.out === undefined))
  program.error("error: --file and --out go together.");

const name = `client:${process.pid}`;
const admin = await contactKafka(name);
await ensureTopics(admin);
const queue = await openTaskQueue(createKafka(name), admin, (task_id, answer) => {
  console.error(`Late: ${describe(answer)} to task ${task_id}`);
});
onShutdown(() => queue.close(), 130);

const ask = (questions: readonly Measurements[]) => queue.ask(questions, options.timeout);
try {
  // Imported here, so that a question does not wait for libraries that only many questions need.
  if (options.samples !== undefined) {
    const { awaitAll, printSummary } = await import("./ask_many.ts");
    const { sampleMeasurements } = await import("../common/samples.ts");
    printSummary(await awaitAll(sampleMeasurements(options.samples), ask));
  } else if (options.file !== undefined && options.out !== undefined) {
    const { answerFile } = await import("./ask_file.ts");
    await answerFile(options.file, options.out, ask);
  } else await converse();
} finally {
  // Also when there is no such file: the group that was made for this client would stay behind.
  await queue.close();
}
// What kafkajs still tries while Kafka is away would keep the program alive.
process.exit();

/** A person is answered before the next prompt; the lines of a pipe are all sent, and answered as answers come. */
async function converse(): Promise<void> {
  const open: Promise<void>[] = [];
  for await (const measurements of promptMeasurements()) {
    const [reply] = await ask([measurements]);
    const shown = reply?.then((settled) => show(settled, measurements)) ?? Promise.resolve();
    if (process.stdin.isTTY) await shown;
    else open.push(shown);
  }
  await Promise.all(open);
}

function show({ task_id, answer, sent, milliseconds }: Reply, measurements: Measurements): void {
  if (answer === undefined) {
    process.exitCode = 1;
    const where = sent
      ? `which waits in ${TOPICS.tasks}: is a worker up?`
      : "which Kafka has not taken yet: is it up?";
    console.error(`No answer within ${options.timeout} s to task ${task_id}, ${where} npm run doctor`);
  } else if ("error" in answer) {
    process.exitCode = 1;
    console.error(`Task ${task_id} was refused: ${answer.error.message}`);
  } else {
    const question = FIELDS.map((field) => measurements[field]).join(",");
    const origin = `${answer.worker ?? "a worker"}, ${milliseconds.toFixed(0)} ms`;
    console.log(`${describe(answer)} for ${question}, ${origin}`);
  }
}

function describe(answer: NonNullable<Reply["answer"]>): string {
  return "error" in answer ? `refusal (${answer.error.message})` : formatAnswer(answer.y);
}
