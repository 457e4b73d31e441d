/** Shows a class stage 5 in three acts: one worker, several workers, and several of which one is killed. */
import { createProgram, seconds, wholeNumber } from "../../common/cli.ts";
import { sampleMeasurements } from "../../common/samples.ts";
import { runToEnd } from "../harness/cleanup.ts";
import { openKafkaStage } from "./kafka_stage.ts";
import { showBalance } from "./stage_5.ts";

const options = createProgram(
  "lab/demos/demo_balance.ts",
  "Runs stage 5's programs: one worker, then several that share the tasks, then one of them is killed.",
  "npm run demo:balance -- --workers 3 --tasks 24 --inference-time 1",
)
  .option("--workers <n>", "workers of the second and third act", wholeNumber(2, 12), 3)
  .option("--tasks <n>", "tasks of each act", wholeNumber(12, 1000), 24)
  .option("--inference-time <s>", "seconds that one inference takes", seconds(0.2, 60), 1)
  .parse()
  .opts();

await runToEnd(async () => {
  const stage = await openKafkaStage();
  const { held } = await showBalance(stage, { ...options, questions: sampleMeasurements(options.tasks) });
  return held ? 0 : 1;
});
