/** `npm run kafka`: one Apache Kafka from its own jars, without Docker, until Ctrl-C. */
import { rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { createProgram, wholeNumber } from "../common/cli.ts";
import { ProgramError } from "../common/errors.ts";
import { onShutdown } from "../common/shutdown.ts";
import { type Broker, startBroker } from "./broker.ts";
import { CACHE, KAFKA_VERSION } from "./jars.ts";
import { portAnswers } from "./ports.ts";
import { kafkaAnswers } from "./readiness.ts";
import { logDir } from "./server_properties.ts";

const options = createProgram(
  "npm run kafka --",
  `Starts Apache Kafka ${KAFKA_VERSION} on this machine and keeps it running until Ctrl-C.`,
  "npm run kafka -- --port 9192 --clean",
)
  .option("--port <n>", "port for clients; the next one is Kafka's own", wholeNumber(1, 65_534), 9092)
  .option("--data-dir <folder>", "where topics and log are kept (default: .cache/kafka/<port>)")
  .option("--clean", "delete all topics and start anew")
  .parse()
  .opts();

const { port, clean } = options;
const brokers = `localhost:${port}`;
const dataDir = resolve(options.dataDir ?? join(CACHE, String(port)));

if (await portAnswers(port)) {
  if (!(await kafkaAnswers(brokers))) throw portTaken(port);
  if (clean) throw new ProgramError(`Kafka already answers on ${brokers}: stop it before --clean.`);
  console.log(`Kafka already answers on ${brokers}: nothing to do.`);
  process.exit(0);
}
if (await portAnswers(port + 1)) throw portTaken(port + 1);
if (clean) await rm(logDir(dataDir), { recursive: true, force: true });

let broker: Broker | undefined;
let stopping = false;
onShutdown(async () => {
  stopping = true;
  // While Kafka starts there is nothing to save yet: the reaper ends it when this program has exited.
  await broker?.stop();
  console.log("Kafka has stopped.");
});
// A second Ctrl-C exits without waiting.
process.on("exit", () => void broker?.kill9());

broker = await startBroker({ port, dataDir });
const seconds = (performance.now() / 1000).toFixed(1);
console.log(
  `Kafka ${KAFKA_VERSION} answers on ${brokers} after ${seconds} s ` +
    `(data in ${shown(dataDir)}, log in ${shown(broker.logFile)}). Ctrl-C stops it.`,
);

const lastWords = await broker.exited;
if (!stopping) throw new ProgramError(`Kafka ended: ${lastWords} (log: ${shown(broker.logFile)})`);

function portTaken(taken: number): ProgramError {
  return new ProgramError(
    `Port ${taken} is used by another program. Choose others: npm run kafka -- --port 9192`,
  );
}

/** A path as a person in this folder would write it. */
function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith("..") ? path : fromHere;
}
