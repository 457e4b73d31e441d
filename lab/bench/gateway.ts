/**
 * Measures the application's gateway on a real Kafka, beside bare Express apps and stage 5, in the same run.
 * The Kafka is one of its own from the jars, or the one that KAFKA_BROKERS names; nothing is left behind in
 * it.
 */
import { Option } from "@commander-js/extra-typings";
import { createProgram, wholeNumber } from "../../common/cli.ts";
import { cleanUp, cleanUpWhenInterrupted } from "../harness/cleanup.ts";
import { measureAccept } from "./gateway/accept.ts";
import { measureCrowd } from "./gateway/crowd.ts";
import { measureFollow } from "./gateway/follow.ts";
import { measureStartUp } from "./gateway/start_up.ts";
import { measureStatus } from "./gateway/status.ts";
import { measureWait } from "./gateway/wait.ts";
import { measureWorker } from "./gateway/worker.ts";
import { openBenchSandbox } from "./kafka/sandbox.ts";
import { kafkaForBench } from "./own_kafka.ts";
import { printReport } from "./report.ts";

const PARTS = {
  accept: measureAccept,
  status: measureStatus,
  wait: measureWait,
  start: measureStartUp,
  follow: measureFollow,
  worker: measureWorker,
  crowd: measureCrowd,
};
type Part = keyof typeof PARTS;
const names = Object.keys(PARTS) as Part[];

const options = createProgram(
  "lab/bench/gateway.ts",
  "Measures the application's gateway on a real Kafka.",
  "npm run bench:gateway -- --only accept --rounds 3",
)
  .addOption(new Option("--only <part>", "one part alone").choices(names))
  .option("--rounds <n>", "how often each is measured", wholeNumber(1, 100), 5)
  .parse()
  .opts();

cleanUpWhenInterrupted();
try {
  const brokers = await kafkaForBench();
  const bench = { openSandbox: () => openBenchSandbox(brokers), node: undefined };
  for (const name of options.only === undefined ? names : [options.only]) {
    printReport(await PARTS[name](bench, options.rounds));
  }
} finally {
  await cleanUp();
}
