/**
 * Stage 4's client: it sends a task and hears no more of it than that Kafka has it. No worker need be
 * running, and the answer goes to the database (see history.ts). That is this stage's lesson, and what stage
 * 5 adds to.
 */
import { createProgram, wholeNumber } from "../common/cli.ts";
import { openKafka } from "../common/kafka/open.ts";
import { printAbovePrompt } from "../common/line_editor.ts";
import { promptMeasurements } from "../common/prompt.ts";

const { samples } = createProgram(
  "4_message_queue/client.ts",
  "Queues the measurements of irises; workers answer them, now or later.",
  "npx tsx 4_message_queue/client.ts --samples 10",
)
  .option("--samples <n>", "queue n flowers of the data set and leave", wholeNumber(1, 10_000_000))
  .parse()
  .opts();

const kafka = await openKafka(process.env, `client:${process.pid}`, {
  say: printAbovePrompt,
});
const producer = await kafka.producer();

if (samples === undefined) {
  for await (const measurements of promptMeasurements()) {
    // The very body that stage 3's client posts.
    const [place] = await producer.send(kafka.topics.tasks, [{ value: JSON.stringify(measurements) }]);
    console.log(`Queued: partition ${place?.partition}, offset ${place?.offset}`);
  }
} else {
  const { queueSamples } = await import("./queue_samples.ts");
  await queueSamples(samples, (messages) => producer.send(kafka.topics.tasks, messages));
}

await kafka.close();
