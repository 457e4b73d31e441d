/**
 * `npm run app`: everything that a newcomer needs, as processes: a Kafka, if none answers, gateway with
 * board, workers, persister. One that dies is started again. Ctrl-C ends all.
 */
import { Option } from "@commander-js/extra-typings";
import { createProgram, seconds, wholeNumber } from "../common/cli.ts";
import { readVariable } from "../common/environment.ts";
import { onShutdown } from "../common/shutdown.ts";
import { USUAL_PORT } from "../kafka/find_kafka.ts";
import { freePort } from "../kafka/ports.ts";
import { assertCanListen } from "./gateway/listen.ts";
import { Application } from "./supervisor/supervisor.ts";
import { MOST_WORKERS } from "./supervisor/team.ts";

const options = createProgram(
  "npm run app --",
  "Starts the application: a Kafka if none answers, gateway with board, workers, persister.",
  "npm run app -- --workers 3 --inference-time 1",
)
  .option("--workers <n>", "how many workers", wholeNumber(0, MOST_WORKERS), 3)
  .addOption(
    new Option("--inference-time <s>", "make one inference take this many seconds (it sleeps)")
      .argParser(seconds(0, 3600))
      .default<number>(0)
      .env("INFERENCE_TIME"),
  )
  .addOption(
    new Option("--cpu-bound", "burn a core for as long, instead of sleeping")
      .default<boolean>(false)
      .env("CPU_BOUND"),
  )
  .addOption(
    new Option("--port <n>", "of the board and the HTTP API; 0 takes a free one")
      .argParser(wholeNumber(0, 65_535))
      .default(8080)
      .env("GATEWAY_PORT"),
  )
  .option("--allow-host <name...>", "further names under which the board may be asked")
  .option(
    "--kafka-port <n>",
    "of the Kafka that it starts if none answers",
    wholeNumber(1, 65_534),
    USUAL_PORT,
  )
  .option("--data <folder>", "where everything is kept (default: predictions.db, and folders in .cache)")
  .option("--verbose", "show what each program prints")
  .parse()
  .opts();

const { port, data, allowHost = [], verbose = false } = options;
await assertCanListen(readVariable(process.env, "GATEWAY_HOST"), port);
const application = new Application({
  ...options,
  data,
  allowHost,
  verbose,
  // A port that changed with each start of the gateway would be lost for its browsers.
  port: port === 0 ? await freePort() : port,
  env: process.env,
});
let isEnding = false;
onShutdown(async () => {
  isEnding = true;
  console.log("Ending all: who is at a task finishes it (Ctrl-C again: at once)");
  await application.stop();
});
try {
  console.log(`Open ${await application.start()} (Ctrl-C stops all)`);
} catch (error) {
  if (!isEnding) {
    await application.stop();
    throw error;
  }
}
