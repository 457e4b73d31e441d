/**
 * Measures stages 4 and 5 on a real Kafka, beside plain kafkajs and other floors that are measured in the
 * same run. The Kafka is one of its own from the jars, or the one that KAFKA_BROKERS names; nothing is left
 * behind in it.
 */
import { Option } from "@commander-js/extra-typings";
import { createProgram, wholeNumber } from "../../common/cli.ts";
import { cleanUp, cleanUpWhenInterrupted } from "../harness/cleanup.ts";
import { measureBursts } from "./kafka/bursts.ts";
import { measureFirstResult } from "./kafka/first_result.ts";
import { measureKill } from "./kafka/kill.ts";
import { measurePersister } from "./kafka/persister.ts";
import { measureRoundTrip } from "./kafka/round_trip.ts";
import { openBenchSandbox } from "./kafka/sandbox.ts";
import { measureScaling } from "./kafka/scaling.ts";
import { measureStarting } from "./kafka/startup.ts";
import { measureThroughput } from "./kafka/throughput.ts";
import { measureTwoWorkers } from "./kafka/two_workers.ts";
import { kafkaForBench } from "./own_kafka.ts";
import { printReport } from "./report.ts";

const PARTS = {
  start: measureStarting,
  "first-result": measureFirstResult,
  "round-trip": measureRoundTrip,
  bursts: measureBursts,
  throughput: measureThroughput,
  "two-workers": measureTwoWorkers,
  scaling: measureScaling,
  persister: measurePersister,
  kill: measureKill,
};
type Part = keyof typeof PARTS;
const names = Object.keys(PARTS) as Part[];

const options = createProgram(
  "lab/bench/kafka.ts",
  "Measures stages 4 and 5 on a real Kafka.",
  "npm run bench:kafka -- --only throughput --rounds 3",
)
  .addOption(new Option("--only <part>", "one part alone").choices(names))
  .option("--rounds <n>", "how often each is measured", wholeNumber(1, 100), 5)
  .option("--node <path>", "a Node that runs TypeScript by itself (22.18 or newer), for first-result")
  .parse()
  .opts();

cleanUpWhenInterrupted();
try {
  const brokers = await kafkaForBench();
  const isEnough = "typescript" in process.features && process.features.typescript !== false;
  const node = options.node ?? (isEnough ? process.execPath : undefined);
  const bench = { openSandbox: () => openBenchSandbox(brokers), node };
  for (const name of options.only === undefined ? names : [options.only]) {
    printReport(await PARTS[name](bench, options.rounds));
  }
} finally {
  await cleanUp();
}
