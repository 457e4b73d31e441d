/**
 * Stage 3: a server that many clients share. Stage 2 served one person at one terminal. Here every program
 * that sends an HTTP request is served. At its limit (--limit-concurrency) it answers 503: the work is gone.
 */
import { once } from "node:events";
import { type AddressInfo, isIPv6 } from "node:net";
import { Option } from "@commander-js/extra-typings";
import express, { type Response } from "express";
import morgan from "morgan";
import { loadClassifier } from "../common/classifier.ts";
import { createProgram, wholeNumber } from "../common/cli.ts";
import { ProgramError } from "../common/errors.ts";
import { addInferenceOptions, createInference } from "../common/inference.ts";
import { parseMeasurements } from "../common/iris.ts";
import { plural } from "../common/plural.ts";
import { onShutdown } from "../common/shutdown.ts";
import { allowOrigin, parseOrigin } from "./cors.ts";
import { createGracefulServer } from "./graceful_server.ts";
import { limitConcurrency, parseLimit } from "./limit_concurrency.ts";
import {
  answerBrokenHttp,
  answerErrors,
  answerNotFound,
  bodyOf,
  onlyAllow,
  sendJson,
} from "./rest_errors.ts";

const program = addInferenceOptions(
  createProgram(
    "3_client_server/server.ts",
    "Serves the iris classifier over REST.",
    "npx tsx 3_client_server/server.ts --limit-concurrency 2 --cpu-bound --inference-time 3",
  )
    .addOption(new Option("--host <name>", "address to listen on").default("127.0.0.1").env("HOST"))
    .addOption(
      new Option("--port <n>", "0 takes a free one")
        .argParser(wholeNumber(0, 65_535))
        .default(8000)
        .env("PORT"),
    )
    .addOption(
      new Option(
        "--limit-concurrency <n>",
        "answer 503 when n or more requests are open; the new one counts too: 2 serves one at a time",
      )
        .argParser(parseLimit)
        .env("LIMIT_CONCURRENCY"),
    )
    .addOption(
      new Option(
        "--cors <origin>",
        "let web pages of this origin, such as http://localhost:5173, ask the server",
      ).argParser(parseOrigin),
    )
    .option("--no-request-log", "do not print a line for each request"),
).parse();
const options = program.opts();

const classifier = loadClassifier(options.model);
const { infer, close } = await createInference(classifier, options);
const app = express().disable("x-powered-by").disable("etag");
if (options.requestLog) {
  // Process-Id tells the clients of a class apart. morgan escapes what is in it.
  app.use(morgan(":date[iso] client :req[process-id] :method :url :status :total-time[0] ms"));
}
if (options.cors !== undefined) app.use(await allowOrigin(options.cors));

const requests = {
  "POST /iris-classifier":
    "the species of an iris; body: sepal_length, sepal_width, petal_length, petal_width in cm",
  "GET /model-info": "the model card",
  "GET /health": "whether the server can answer",
};
app
  .route("/")
  .get((_request, response) => sendJson(response, requests))
  .all(onlyAllow("GET, HEAD"));
app
  .route("/health")
  .get((_request, response) => sendJson(response, { status: "ok" }))
  .all(onlyAllow("GET, HEAD"));
app
  .route("/model-info")
  .get((_request, response) => sendJson(response, classifier.card))
  .all(onlyAllow("GET, HEAD"));

if (options.limitConcurrency !== undefined) {
  const retryAfter = Math.max(1, Math.ceil(options.inferenceTime));
  app.use(limitConcurrency(options.limitConcurrency, retryAfter));
}
app
  .route("/iris-classifier")
  .post(express.json({ limit: "16kb", strict: false }), async (request, response) => {
    const measurements = parseMeasurements(bodyOf(request));
    if (!measurements.ok) throw measurements.error;
    // When the client hangs up, nobody waits for the answer: the work ends with the connection.
    const signal = options.inferenceTime > 0 ? abortedOnClose(response) : undefined;
    sendJson(response, await infer(measurements.value, signal));
  })
  .all(onlyAllow("POST"));
app.use(answerNotFound(Object.keys(requests)), answerErrors);

const { server, countOpen, close: closeServer } = createGracefulServer(app);
server.on("clientError", answerBrokenHttp).listen(options.port, options.host);
try {
  await once(server, "listening");
} catch (error) {
  throw new ProgramError(explainListenError(error as NodeJS.ErrnoException), { cause: error });
}
const { port } = server.address() as AddressInfo;
const host = isIPv6(options.host) ? `[${options.host}]` : options.host;
console.log(
  `Model ${classifier.card.version} serves on http://${host}:${port} (pid ${process.pid}, Ctrl-C stops)`,
);

onShutdown(async () => {
  const open = countOpen();
  const first = `${plural(open, "open request")} ${open === 1 ? "is" : "are"} finished first`;
  console.log(`Stopping: ${open === 0 ? "no request is open" : first}`);
  const givenUp = await closeServer(10);
  if (givenUp > 0) console.log(`${plural(givenUp, "open request")} got no answer in 10 s`);
  await close();
});

/** A signal that is aborted when the connection closes before the answer is sent. */
function abortedOnClose(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

/** One line for the ways in which listen() fails. */
function explainListenError({ code }: NodeJS.ErrnoException): string {
  const { host, port } = options;
  if (code === "EADDRINUSE") {
    const other = port === 65_535 ? port - 1 : port + 1;
    return `Port ${port} is in use: stop the other program, or take another port with --port ${other}`;
  }
  if (code === "EACCES") return `Port ${port} needs more rights: take one above 1023, as with --port 8000`;
  const isFromEnvironment = program.getOptionValueSource("host") === "env";
  const source = isFromEnvironment ? "the environment variable HOST (conda sets it too)" : "--host";
  return `Cannot listen on ${host}, port ${port} (${code}): check ${source}, or take --host 127.0.0.1`;
}
