/**
 * `npm run gateway`: HTTP in front of the queue. It needs a Kafka and nothing else, and shows whatever runs
 * beside it: the stages' own clients, workers and persisters, too.
 */
import { join } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { createProgram, wholeNumber } from "../../common/cli.ts";
import { readKafkaSettings } from "../../common/kafka/settings.ts";
import { databaseOption } from "../../common/results_database.ts";
import { onShutdown } from "../../common/shutdown.ts";
import { openApplicationKafka } from "../open_kafka.ts";
import { endWithApplication, tellReady } from "../supervised.ts";
import { applicationTopics } from "../topics.ts";
import { openView } from "../view/open_view.ts";
import { openControls } from "./controls/controls.ts";
import { KAFKA_LIMIT_MS } from "./deadline.ts";
import { dataFolder, keepTime } from "./gateway_options.ts";
import { assertCanListen, listen } from "./listen.ts";
import { watchQueue } from "./queue/watch_queue.ts";

const options = createProgram(
  "npm run gateway --",
  "Serves the queue over HTTP, and a page that shows it move.",
  "npm run gateway -- --port 8081",
)
  .addOption(
    new Option("--port <n>", "0 takes a free one")
      .argParser(wholeNumber(0, 65_535))
      .default(8080)
      .env("GATEWAY_PORT"),
  )
  .addOption(new Option("--host <name>", "address to listen on").default("127.0.0.1").env("GATEWAY_HOST"))
  .option("--allow-host <name...>", "further names under which it may be asked, such as iris.example.org")
  .option("--data <folder>", "where its view is kept; it can be deleted (default: .cache/application/<port>)")
  .addOption(databaseOption())
  .addOption(
    new Option("--keep <time>", "how long a finished task is kept: 30m, 24h, 7d")
      .argParser(keepTime)
      .default(keepTime("24h"), "24h"),
  )
  .parse()
  .opts();

endWithApplication(process.env);
// Before the view: whoever has the port has its folder, too.
await assertCanListen(options.host, options.port);
const openingView = openView({
  file: join(options.data ?? dataFolder(options.port), "view.db"),
  settings: readKafkaSettings(process.env),
  keepMs: options.keep,
});
const openingKafka = openApplicationKafka(process.env, `gateway:${process.pid}`);
// Its modules are loaded while the view's thread starts and Kafka answers: that is a fourth of the start.
const { createGateway } = await import("./server.ts");
const kafka = await openingKafka;
const [view, producer] = await Promise.all([openingView, kafka.producer({ giveUpAfterMs: KAFKA_LIMIT_MS })]);
const queue = watchQueue(kafka, view);
const app = createGateway(
  {
    kafka,
    topics: applicationTopics(kafka.settings.prefix),
    producer,
    view,
    queue,
    controls: openControls(process.env, queue.tell),
    resultsFile: options.db,
    keepMs: options.keep,
  },
  { host: options.host, allowed: options.allowHost ?? [] },
);
const url = await listen(app, options.host, options.port);
console.log(`Gateway on ${url} (pid ${process.pid}, Ctrl-C stops)`);
tellReady(url);

onShutdown(async () => {
  await app.close();
  await queue.close();
  await view.close();
  await kafka.close();
});
await view.finished;
