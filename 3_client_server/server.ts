/**
 * Stage 3: a server that many clients share. Stage 2 served one person at one terminal; here the model waits
 * behind an HTTP address. When --limit-concurrency requests are open, the server answers 503 and the work is gone.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Option } from "commander";
import express, { type RequestHandler } from "express";
import { loadClassifier } from "../common/classifier.ts";
import { createProgram, exitWith, wholeNumber } from "../common/cli.ts";
import { addInferenceOptions, createInference, type InferenceOptions } from "../common/inference.ts";
import { parseMeasurements } from "../common/iris.ts";
import { onShutdown } from "../common/shutdown.ts";
import { logRequests } from "./request_log.ts";
import {
  abortedOnClose,
  answerBrokenHttp,
  answerErrors,
  answerNotFound,
  bodyOf,
  explainListenError,
  HttpError,
  onlyAllow,
} from "./rest_errors.ts";

interface Options extends InferenceOptions {
  host: string;
  port: number;
  limitConcurrency: number;
  requestLog: boolean;
}

const options = addInferenceOptions(
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
        "answer 503 when n or more requests are open, the new one included: with 2, one is served at a time",
      )
        .argParser(wholeNumber(1))
        .default(Number.POSITIVE_INFINITY, "no limit")
        .env("LIMIT_CONCURRENCY"),
    )
    .option("--no-request-log", "do not log a line a request"),
)
  .parse()
  .opts<Options>();

const limit = options.limitConcurrency;
if (limit === 1) {
  exitWith(
    2,
    "--limit-concurrency 1 would refuse every request, since a request counts itself: take 2 or more",
  );
}

const classifier = loadClassifier();
const { infer, close } = await createInference(classifier, options);
const app = express().disable("x-powered-by").disable("etag");
if (options.requestLog) app.use(logRequests);

app
  .route("/health")
  .get((_request, response) => response.json({ status: "ok" }))
  .all(onlyAllow("GET, HEAD"));
app
  .route("/model-info")
  .get((_request, response) => response.json(classifier.card))
  .all(onlyAllow("GET, HEAD"));

let openRequests = 0;
let stopping = false;
const limitConcurrency: RequestHandler = (_request, response, next) => {
  openRequests += 1;
  response.once("close", () => {
    openRequests -= 1;
    // close() ends only the connections that are idle when it is called; kept alive, the rest would linger.
    if (stopping) server.closeIdleConnections();
  });
  if (openRequests < limit) return next();
  const retryAfter = Math.max(1, Math.ceil(options.inferenceTime));
  response.set("Retry-After", String(retryAfter));
  throw new HttpError(
    503,
    "at_limit",
    `The server is at its limit of ${limit} open requests, try again in ${retryAfter} s`,
    {
      limit_concurrency: limit,
    },
  );
};
app.use(limitConcurrency);

app
  .route("/iris-classifier")
  .post(express.json({ limit: "16kb", strict: false }), async (request, response) => {
    const measurements = parseMeasurements(bodyOf(request));
    if (!measurements.ok) throw measurements.error;
    // When the client hangs up nobody waits for the answer, so the work ends with the connection.
    const signal = options.inferenceTime > 0 ? abortedOnClose(response) : undefined;
    response.json(await infer(measurements.value, signal));
  })
  .all(onlyAllow("POST"));
app.use(answerNotFound, answerErrors);

const server = createServer(app).on("clientError", answerBrokenHttp).listen(options.port, options.host);
try {
  await once(server, "listening");
} catch (error) {
  exitWith(1, explainListenError(error as NodeJS.ErrnoException, options));
}
const { port } = server.address() as AddressInfo;
console.log(`Model ${classifier.card.version} serves on http://${options.host}:${port} (Ctrl-C stops)`);

onShutdown(async () => {
  stopping = true;
  console.log(`Stopping: ${openRequests} open requests are finished first`);
  const lateness = setTimeout(() => server.closeAllConnections(), 10_000);
  server.close();
  await once(server, "close");
  clearTimeout(lateness);
  await close();
});
