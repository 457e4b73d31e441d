/**
 * Stage 4's client: it sends a task and hears no more of it than that Kafka has it. No worker need be running, and
 * the answer goes to the database (see history.ts): that is this stage's lesson, and what stage 5 mends.
 */
import { createProgram, wholeNumber } from "../common/cli.ts";
import { connectProducer, contactKafka, createKafka, ensureTopics, TOPICS } from "../common/kafka/client.ts";
import { promptMeasurements } from "../common/prompt.ts";
import { sampleMeasurements } from "../common/samples.ts";

const { samples } = createProgram(
  "4_message_queue/client.ts",
  "Queues the measurements of irises; workers answer them, now or later.",
  "npx tsx 4_message_queue/client.ts --samples 10",
)
  .option("--samples <n>", "queue n rows of the data set and leave", wholeNumber(1, 1_000_000))
  .parse()
  .opts<{ samples?: number }>();

const name = `client:${process.pid}`;
const admin = await contactKafka(name);
await ensureTopics(admin);
await admin.disconnect();
const producer = await connectProducer(createKafka(name));

if (samples === undefined) {
  for await (const measurements of promptMeasurements()) {
    // The very body that stage 3's client posts.
    const [receipt] = await producer.send({
      topic: TOPICS.tasks,
      messages: [{ value: JSON.stringify(measurements) }],
    });
    console.log(`Queued: partition ${receipt?.partition}, offset ${receipt?.baseOffset}`);
  }
} else {
  const messages = sampleMeasurements(samples).map((measurements) => ({
    value: JSON.stringify(measurements),
  }));
  const receipts = await producer.send({ topic: TOPICS.tasks, messages });
  for (const { partition, baseOffset } of receipts) {
    console.log(`Queued: partition ${partition}, from offset ${baseOffset}`);
  }
  console.log(`${samples} tasks queued`);
}

await producer.disconnect();
