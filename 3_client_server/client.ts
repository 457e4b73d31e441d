/**
 * Stage 3, the client: stage 2's prompt without a model of its own. Each answer comes from the server, and a
 * server can be missing, too busy, too slow, or another program than we meant.
 */
import { Option } from "@commander-js/extra-typings";
import { createProgram, ExpectationError, seconds } from "../common/cli.ts";
import { formatAnswer, type Measurements, parseAnswer } from "../common/iris.ts";
import { printable } from "../common/printable.ts";
import { promptMeasurements } from "../common/prompt.ts";

const options = createProgram(
  "3_client_server/client.ts",
  "Asks for the measurements of one iris after another; the server tells their species.",
  "npx tsx 3_client_server/client.ts --url http://127.0.0.1:8000",
)
  .addOption(
    new Option("--url <url>", "where the server is")
      .argParser(httpUrl)
      .default("http://127.0.0.1:8000")
      .env("IRIS_URL"),
  )
  .addOption(
    new Option("--timeout <s>", "seconds to wait for an answer")
      .argParser(seconds(0.1, 300))
      .default(30)
      .env("TIMEOUT"),
  )
  .parse()
  .opts();

for await (const measurements of promptMeasurements()) {
  const waiting = setTimeout(sayThatItWaits, 1000);
  const answer = await ask(measurements);
  clearTimeout(waiting);
  // Only answers go to stdout. An error goes to stderr, and the prompt goes on.
  if (answer.ok) console.log(answer.text);
  else console.error(answer.text);
}

/** Only a person at a terminal wonders: a log file or another program needs no such line. */
function sayThatItWaits(): void {
  if (process.stderr.isTTY) console.error(`Waiting for the server, at most ${options.timeout} s ...`);
}

async function ask(measurements: Measurements): Promise<{ ok: boolean; text: string }> {
  try {
    const response = await fetch(new URL("/iris-classifier", options.url), {
      method: "POST",
      headers: { "Content-Type": "application/json", "Process-Id": String(process.pid) },
      body: JSON.stringify(measurements),
      signal: AbortSignal.timeout(options.timeout * 1000),
    });
    return readAnswer(response.status, await response.text());
  } catch (error) {
    return { ok: false, text: explainNoAnswer(error as Error) };
  }
}

function readAnswer(status: number, text: string): { ok: boolean; text: string } {
  const body = parseJson(text);
  const answer = parseAnswer(body);
  if (status === 200 && answer.ok) return { ok: true, text: formatAnswer(answer.value) };
  const reason = (body as { error?: { message?: unknown } } | undefined)?.error?.message;
  if (status !== 200 && typeof reason === "string") {
    return { ok: false, text: `${status}: ${printable(reason)}` };
  }
  const hint = "with a body that is no answer: is it the iris server? Check --url";
  return { ok: false, text: `${options.url} answered ${status} ${hint}` };
}

function explainNoAnswer(error: Error): string {
  if (error.name === "TimeoutError") {
    const hint = "the server may be busy; try again, or wait longer with --timeout";
    return `No answer within ${options.timeout} s: ${hint}`;
  }
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") {
    return `No server at ${options.url}: start one with npx tsx 3_client_server/server.ts`;
  }
  const reason = printable(code ?? message);
  return `No answer from ${options.url} (${reason}): is the server still running? Check --url`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON, so not an answer either.
  }
}

function httpUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new ExpectationError("a URL such as http://127.0.0.1:8000");
}
