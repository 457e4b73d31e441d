/** Shows a class stage 5: workers share the tasks, one comes and one is killed in the middle, nothing is lost. */
import { createProgram, seconds, wholeNumber } from "../../common/cli.ts";
import { sampleMeasurements } from "../../common/samples.ts";
import { cleanUp, cleanUpWhenInterrupted } from "../harness/cleanup.ts";
import { openKafkaCorner } from "../harness/kafka_corner.ts";
import { showBalance } from "./stage_5.ts";

const options = createProgram(
  "lab/demos/demo_balance.ts",
  "Runs stage 5's programs: workers share the tasks; one comes and one is killed in the middle.",
  "npm run demo:balance -- --workers 3 --tasks 24 --inference-time 1",
)
  .option("--workers <n>", "workers, the last of which comes in the middle", wholeNumber(2, 12), 3)
  .option("--tasks <n>", "tasks to share", wholeNumber(12, 1000), 24)
  .option("--inference-time <s>", "seconds that one inference takes", seconds(0.2, 60), 1)
  .parse()
  .opts();

cleanUpWhenInterrupted();
try {
  const corner = await openKafkaCorner();
  const { held } = await showBalance(corner, { ...options, questions: sampleMeasurements(options.tasks) });
  process.exitCode = held ? 0 : 1;
} finally {
  await cleanUp();
}
process.exit();
