/**
 * Stage 3's exercise: a client that asks again. It meets servers that refuse it a number of times, and the
 * real one.
 */
import { formatAnswer, type Measurements } from "../../common/iris.ts";
import { atEnd } from "../harness/cleanup.ts";
import { assertAnswerFromBusyServer } from "./busy_server.ts";
import type { Exercise } from "./program_under_test.ts";
import { randomIris, toLine } from "./random_iris.ts";
import { assertRefused, assertThat, type Ran } from "./requirement.ts";
import {
  formatScriptedAnswer,
  type ScriptedAnswer,
  type ScriptedServer,
  serveScript,
} from "./scripted_server.ts";

const CLIENT = "3_client_server/client.ts";
/** The port of refusing_server.ts, in the commands that are shown. */
const SHOWN_URL = "http://127.0.0.1:8003";
/** A timer may fire that many milliseconds early, and the clocks are not one. */
const EARLY_MS = 50;
const SERVED: ScriptedAnswer = { status: 200 };

export const exercise: Exercise = {
  task: "client.ts --retries <n> waits as told, and asks again",
  requirements(program) {
    const { classifier, run } = program;
    const [a, b] = [randomIris(classifier, "setosa"), randomIris(classifier, "virginica")];

    const ask = async (irises: Measurements[], script: ScriptedAnswer[], ...args: string[]) => {
      const server = await serveScript(script, classifier);
      atEnd(server.close);
      const input = irises.map((iris) => `${toLine(iris)}\n`).join("");
      const explain = (command: string) => withServer(command.replace(server.url, SHOWN_URL), script);
      const ran = await run(CLIENT, ["--url", server.url, ...args], { input, explain });
      await server.close();
      return { ran, server };
    };
    const assertAnswers = (ran: Ran, irises: Measurements[]) => {
      const expected = irises.map((iris) => formatAnswer(classifier.predict(iris))).join("\n");
      assertThat(ran.exitCode === 0 && ran.stdout.trimEnd() === expected, ran, expected);
    };

    const assertWaits = async (times: number, retryAfter: number) => {
      const refusals = Array<ScriptedAnswer>(times).fill({ status: 503, retryAfter });
      const { ran, server } = await ask([a], [...refusals, SERVED], "--retries", "3");
      assertAnswers(ran, [a]);
      assertRequests(ran, server, Array<Measurements>(times + 1).fill(a));
      const waits = server.requests.slice(1).map(({ at }, index) => at - (server.requests[index]?.at ?? 0));
      const hasWaited = waits.every((wait) => wait >= retryAfter * 1000 - EARLY_MS);
      const seen = `asked again after ${waits.map((wait) => `${(wait / 1000).toFixed(1)} s`).join(", ")}`;
      assertThat(hasWaited, ran, `at least ${retryAfter} s between a 503 and the next request`, seen);
    };
    /** The first question fails after so many requests, the second one is answered. */
    const assertGivesUp = async (requests: number, refusal: ScriptedAnswer, ...args: string[]) => {
      const script = [...Array<ScriptedAnswer>(requests).fill(refusal), SERVED];
      const { ran, server } = await ask([a, b], script, ...args);
      assertAnswers(ran, [b]);
      assertLastLine(ran, `${refusal.status}: `);
      assertRequests(ran, server, [...Array<Measurements>(requests).fill(a), b]);
    };

    return [
      {
        claim: "--retries 3, refused once: it waits 2 s as Retry-After says, and has its answer",
        check: () => assertWaits(1, 2),
      },
      {
        claim: "--retries 3, refused three times: it has its answer from the fourth request",
        check: () => assertWaits(3, 1),
      },
      {
        claim: "--retries 1, refused twice: it ends with the line about 503, and the next question is asked",
        check: () => assertGivesUp(2, { status: 503, retryAfter: 1 }, "--retries", "1"),
      },
      {
        claim: "--retries 3: a 503 without Retry-After, and a 422, are told at once and not asked again",
        check: async () => {
          await assertGivesUp(1, { status: 503 }, "--retries", "3");
          await assertGivesUp(1, { status: 422 }, "--retries", "3");
        },
      },
      {
        claim: "--retries 3, refused by the real server: it has its answer when the place is free",
        check: () => assertAnswerFromBusyServer(program),
      },
      {
        claim: "--retries -1 and --retries many are refused in one line, with exit code 2",
        check: async () => {
          for (const n of ["-1", "many"]) assertRefused(await run(CLIENT, ["--retries", n]), "--retries");
        },
      },
      {
        claim: "as before: without --retries, a 503 is told at once and not asked again",
        check: () => assertGivesUp(1, { status: 503, retryAfter: 2 }),
      },
      {
        claim: "as before: without a server it says so",
        check: async () => {
          const server = await serveScript([SERVED], classifier);
          await server.close();
          const ran = await run(CLIENT, ["--url", server.url], { input: `${toLine(a)}\n` });
          assertLastLine(ran, `No server at ${server.url}`);
        },
      },
    ];
  },
};

/** Two commands, for two terminals: the server of the check has gone when the student reads this. */
function withServer(client: string, script: readonly ScriptedAnswer[]): string {
  const answers = script.map(formatScriptedAnswer).join(" ");
  const server = `npx tsx lab/exercises/refusing_server.ts ${answers}`;
  return `${server}\nand in another terminal\n${client}`;
}

function assertRequests(ran: Ran, { requests }: ScriptedServer, irises: Measurements[]): void {
  const list = (bodies: string[]) => [`${bodies.length} requests`, ...bodies].join("\n");
  const expected = list(irises.map((iris) => JSON.stringify(iris)));
  const seen = list(requests.map(({ body }) => body));
  assertThat(seen === expected, ran, expected, seen);
}

/** What comes before the last line is the student's choice, such as a line about each wait. */
function assertLastLine(ran: Ran, start: string): void {
  const last = ran.stderr.trimEnd().split("\n").at(-1) ?? "";
  assertThat(last.startsWith(start), ran, `as the last line on stderr: ${start}...`);
}
