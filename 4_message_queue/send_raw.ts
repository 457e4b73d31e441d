/** Sends a text to `tasks` as it is, for drills: what happens to a message that no worker can read? */
import { createProgram } from "../common/cli.ts";
import { openKafka } from "../common/kafka/open.ts";

const program = createProgram(
  "4_message_queue/send_raw.ts",
  "Sends a text to the topic tasks as it is, whether a worker can read it or not.",
  "npx tsx 4_message_queue/send_raw.ts rubbish",
)
  .argument("<text>", "the message")
  .parse();
const [text] = program.processedArgs;

const kafka = await openKafka(process.env, `send_raw:${process.pid}`);
const producer = await kafka.producer();
const [place] = await producer.send(kafka.topics.tasks, [{ value: text }]);
console.log(`Sent: partition ${place?.partition}, offset ${place?.offset}`);
await kafka.close();
