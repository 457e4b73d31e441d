/** Shows a class stage 4: sent with no worker, drained later, stored once, a second worker idle. */
import { createProgram, seconds, wholeNumber } from "../../common/cli.ts";
import { sampleMeasurements } from "../../common/samples.ts";
import { runToEnd } from "../harness/cleanup.ts";
import { openKafkaStage } from "./kafka_stage.ts";
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

await runToEnd(async () => {
  const stage = await openKafkaStage();
  const { held } = await showQueue(stage, { ...options, questions: sampleMeasurements(options.tasks) });
  return held ? 0 : 1;
});
