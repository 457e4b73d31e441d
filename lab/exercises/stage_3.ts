/** Stage 3's exercise: a client that comes back. It meets servers that refuse it so many times, and the real one. */
import { request } from "node:http";
import { formatAnswer, type Measurements } from "../../common/iris.ts";
import type { Exercise, Subject } from "./program_under_test.ts";
import { randomIris, toLine } from "./random_iris.ts";
import { demand, type Ran } from "./requirement.ts";
import { type ScriptedAnswer, type ScriptedServer, serve } from "./scripted_server.ts";

const CLIENT = "3_client_server/client.ts";
const SERVER = "3_client_server/server.ts";
const AT_LIMIT = { error: { code: "at_limit", message: "The server is at its limit" } };
/** A timer may fire that many milliseconds early, and the clocks are not one. */
const EARLY_MS = 50;

export const exercise: Exercise = {
  task: "the client that is refused with 503 waits as long as Retry-After says and asks again, at most three times",
  requirements(subject) {
    const { classifier } = subject;
    const [a, b] = [randomIris(classifier, "setosa"), randomIris(classifier, "virginica")];
    const answerTo = (iris: Measurements) => formatAnswer(classifier.predict(iris));
    const served = (iris: Measurements): ScriptedAnswer => ({ status: 200, body: classifier.predict(iris) });

    /** Asks these of a server with this script; `who` tells the student which. */
    const ask = async (irises: Measurements[], who: string, script: ScriptedAnswer[]) => {
      const server = await serve(script);
      const input = irises.map((iris) => `${toLine(iris)}\n`).join("");
      const ran = await subject.run(CLIENT, ["--url", server.url], { input });
      await server.close();
      return { ran: { ...ran, command: `${ran.command}\nof a server that ${who}` }, server };
    };
    const demandAnswers = (ran: Ran, irises: Measurements[]) => {
      const expected = irises.map(answerTo).join("\n");
      demand(ran.exitCode === 0 && ran.stdout.trimEnd() === expected, ran, expected);
    };

    const demandPatience = async (times: number, retryAfter: number) => {
      const refusals = Array<ScriptedAnswer>(times).fill({ status: 503, body: AT_LIMIT, retryAfter });
      const who = `answers 503 with Retry-After: ${retryAfter}, ${times === 1 ? "once" : `${times} times`}`;
      const { ran, server } = await ask([a], who, [...refusals, served(a)]);
      demandAnswers(ran, [a]);
      demandRequests(ran, server, Array<Measurements>(times + 1).fill(a));
      const waits = server.requests.slice(1).map(({ at }, index) => at - (server.requests[index]?.at ?? 0));
      const isPatient = waits.every((wait) => wait >= retryAfter * 1000 - EARLY_MS);
      const seen = `asked again after ${waits.map((wait) => `${(wait / 1000).toFixed(1)} s`).join(", ")}`;
      demand(isPatient, ran, `at least ${retryAfter} s between a 503 and the next request`, seen);
    };

    const demandOneRequest = async (who: string, refusal: ScriptedAnswer) => {
      const { ran, server } = await ask([a, b], who, [refusal, served(b)]);
      demandAnswers(ran, [b]);
      demandOneLine(ran, `${refusal.status}: `);
      demandRequests(ran, server, [a, b]);
    };

    return [
      {
        claim: "refused once, it waits for Retry-After (2 s) and has its answer",
        check: () => demandPatience(1, 2),
      },
      {
        claim: "refused three times, it has its answer at the fourth request",
        check: () => demandPatience(3, 1),
      },
      {
        claim:
          "refused every time, it gives up after the fourth request with one line, and the prompt goes on",
        check: async () => {
          const refusals = Array<ScriptedAnswer>(4).fill({ status: 503, body: AT_LIMIT, retryAfter: 1 });
          const { ran, server } = await ask([a, b], "answers 503 to each request for the first iris", [
            ...refusals,
            served(b),
          ]);
          demandAnswers(ran, [b]);
          demandOneLine(ran, "503: ");
          demandRequests(ran, server, [a, a, a, a, b]);
        },
      },
      {
        claim: "refused by the real server, it has its answer once the place is free",
        check: () => demandAnswerFromBusyServer(subject),
      },
      {
        claim: "as before: a 503 without Retry-After, and a 422, are told at once and not asked again",
        check: async () => {
          await demandOneRequest("answers 503 without Retry-After", { status: 503, body: AT_LIMIT });
          const body = { error: { code: "invalid_input", message: "Expected something else" } };
          await demandOneRequest("answers 422", { status: 422, body });
        },
      },
      {
        claim: "as before: without a server it says so, once for each question",
        check: async () => {
          const server = await serve([]);
          await server.close();
          const ran = await subject.run(CLIENT, ["--url", server.url], { input: `${toLine(a)}\n` });
          demandOneLine(ran, `No server at ${server.url}`);
        },
      },
    ];
  },
};

function demandRequests(ran: Ran, { requests }: ScriptedServer, irises: Measurements[]): void {
  const isRight =
    requests.length === irises.length &&
    irises.every((iris, index) => requests[index]?.body === JSON.stringify(iris));
  const list = (bodies: string[]) => [`${bodies.length} requests`, ...bodies].join("\n");
  const expected = list(irises.map((iris) => JSON.stringify(iris)));
  demand(isRight, ran, expected, list(requests.map(({ body }) => body)));
}

function demandOneLine(ran: Ran, start: string): void {
  const lines = ran.stderr.trimEnd().split("\n");
  demand(lines.length === 1 && ran.stderr.startsWith(start), ran, `one line on stderr: ${start}...`);
}

/** The place is taken by a request whose body does not come, for just as long as it takes to refuse the client. */
async function demandAnswerFromBusyServer({ start, run, classifier }: Subject): Promise<void> {
  const server = start(SERVER, ["--port", "0", "--limit-concurrency", "2"]);
  const [, url = ""] = await server.waitFor(/serves on (http:\S+)/, "Model ... serves on http://...");
  const path = `${url}/iris-classifier`;
  // Of JSON, since a body of another kind would be refused unread.
  const headers = { "Content-Type": "application/json", "Content-Length": "1", "Process-Id": "verify" };
  const place = request(path, { method: "POST", headers });
  place.on("error", () => {}); // It is hung up below.
  place.flushHeaders();
  // Once another is refused, the place is known to be taken.
  while ((await fetch(path, { method: "POST", headers: { "Process-Id": "verify" } })).status !== 503);

  const iris = randomIris(classifier);
  const running = run(CLIENT, ["--url", url], { input: `${toLine(iris)}\n` });
  const refused = server.waitFor(/client (?!verify)\S+ POST \/iris-classifier 503/, "a line about a 503");
  await Promise.race([refused, running]).finally(() => place.destroy());
  const ran = await running;
  await server.stop();
  const expected = formatAnswer(classifier.predict(iris));
  demand(ran.stdout.trimEnd() === expected && ran.exitCode === 0, ran, expected);
}
