/** Shows a class stage 4: sent with no worker, drained later, stored once, a second worker idle. */
import { createProgram, seconds, wholeNumber } from "../../common/cli.ts";
import { sampleMeasurements } from "../../common/samples.ts";
import { cleanUp, cleanUpWhenInterrupted } from "../harness/cleanup.ts";
import { openKafkaCorner } from "../harness/kafka_corner.ts";
import { showQueue } from "./stage_4.ts";

const options = createProgram(
  "lab/demos/demo_queue.ts",
  "Runs stage 4's programs: tasks wait for a worker, results for you; a second worker is idle.",
  "npm run demo:queue -- --tasks 6",
)
  .option("--tasks <n>", "tasks to queue", wholeNumber(2, 1000), 6)
  .option("--inference-time <s>", "seconds that one inference takes", seconds(0, 60), 1)
  .parse()
  .opts();

cleanUpWhenInterrupted();
try {
  const corner = await openKafkaCorner();
  const { held } = await showQueue(corner, { ...options, questions: sampleMeasurements(options.tasks) });
  process.exitCode = held ? 0 : 1;
} finally {
  await cleanUp();
}
process.exit();
