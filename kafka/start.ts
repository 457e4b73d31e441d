/** `npm run kafka`: one Apache Kafka from its own jars, without Docker, until Ctrl-C. */
import { resolve } from "node:path";
import { createProgram, wholeNumber } from "../common/cli.ts";
import { ProgramError } from "../common/errors.ts";
import { onShutdown } from "../common/shutdown.ts";
import { startBroker } from "./broker.ts";
import { shown, usualDataDir } from "./data_folder.ts";
import { KAFKA_VERSION } from "./jars.ts";
import { portAnswers } from "./ports.ts";
import { kafkaAnswers } from "./readiness.ts";

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

const { port, clean = false } = options;
const brokers = `localhost:${port}`;
const dataDir = resolve(options.dataDir ?? usualDataDir(port));

if (await portAnswers(port)) {
  if (!(await kafkaAnswers(brokers))) throw portTaken(port);
  if (clean) throw new ProgramError(`Kafka already answers on ${brokers}: stop it before --clean.`);
  console.log(`Kafka already answers on ${brokers}: nothing to do.`);
  process.exit(0);
}
if (await portAnswers(port + 1)) throw portTaken(port + 1);

console.log(`Starting Kafka ${KAFKA_VERSION} on ${brokers} (pid ${process.pid}, Ctrl-C stops)`);
const stopping = new AbortController();
const starting = startBroker({ port, dataDir, clean, signal: stopping.signal, tell: console.log });
onShutdown(async () => {
  stopping.abort();
  await starting.then((broker) => broker.stop()).catch(() => {});
  console.log("Kafka has stopped.");
});

try {
  const broker = await starting;
  // A second Ctrl-C exits without waiting.
  process.on("exit", () => void broker.kill9());
  const seconds = (performance.now() / 1000).toFixed(1);
  console.log(`Kafka ${KAFKA_VERSION} answers on ${brokers} after ${seconds} s.`);
  const reason = await broker.exited;
  throw new ProgramError(`Kafka ended: ${reason} (log: ${shown(broker.logFile)})`, { kind: "kafka_failed" });
} catch (error) {
  // After Ctrl-C it was to end, and onShutdown has the last word.
  if (!stopping.signal.aborted) throw error;
}

function portTaken(taken: number): ProgramError {
  return new ProgramError(
    `Port ${taken} is used by another program. Choose others: npm run kafka -- --port 9192`,
    { kind: "port_taken", fix: "npm run kafka -- --port 9192" },
  );
}
