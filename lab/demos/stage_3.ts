/** Stage 3 at its limit: a server serves as many as it can, and answers 503 to the others. */
import { FIELDS, formatLine, type Measurements } from "../../common/iris.ts";
import { ANSWER, REFUSED, SERVES } from "../harness/lines.ts";
import type { Program } from "../harness/programs.ts";
import { check, say, startShown } from "./narrate.ts";
import { type AtOnce, type StageReport, secondsSince } from "./report.ts";

export interface RefusalOptions {
  inferenceTime: number;
  /** 0 computes on the server's event loop; undefined leaves the server its default. */
  threads?: number | undefined;
  question: Measurements;
}

const SERVER = "3_client_server/server.ts";
const CLIENT = "3_client_server/client.ts";

/** Two real clients ask at once a server that serves one: shows it, and checks the claims. */
export async function showRefusal({
  inferenceTime,
  threads,
  question,
}: RefusalOptions): Promise<StageReport> {
  const server = startShown("server", SERVER, [
    ...["--port", "0", "--limit-concurrency", "2", "--cpu-bound", "--inference-time", String(inferenceTime)],
    ...(threads === undefined ? [] : ["--threads", String(threads)]),
  ]);
  const [, url = ""] = await server.waitFor(SERVES);
  const input = `${formatLine(question)}\n`;
  const clients = ["client-1", "client-2"].map((name) => startShown(name, CLIENT, ["--url", url], { input }));
  const exits = await Promise.all(clients.map((client) => client.exited));
  const stopped = await server.stop();

  const answered = exits.filter((exit) => ANSWER.test(exit.stdout)).length;
  const refused = exits.filter((exit) => REFUSED.test(exit.stderr)).length;
  const held = [
    check("one client has its answer", answered === 1, `${answered} answers`),
    check("the other was refused with 503", refused === 1, `${refused} refusals`),
    check("the server stopped cleanly", stopped.exitCode === 0, `exit code ${stopped.exitCode}`),
  ];
  return { held: !held.includes(false) };
}

export interface RushOptions {
  /** How many the server answers at the same time. */
  places: number;
  inferenceTime: number;
  questions: readonly Measurements[];
}

/** All questions reach the server at the same moment, by HTTP: as many as it has places are answered. */
export async function showRush({ places, inferenceTime, questions }: RushOptions): Promise<StageReport> {
  // A request counts itself, so this limit leaves the places free.
  const limit = String(places + 1);
  const args = ["--port", "0", "--limit-concurrency", limit, "--inference-time", String(inferenceTime)];
  const server = startShown("server", SERVER, args, { hide: true });
  say("demo", `${questions.length} questions at the same moment, and a server with ${places} places.`);
  say("demo", `An answer takes ${inferenceTime} s, simulated.`);
  const atOnce = await askAtOnce(server, questions);
  await server.stop();
  const held = check(
    `${places} are answered, and ${questions.length - places} are refused: the server has not kept them`,
    atOnce.answered === places && atOnce.refused === questions.length - places,
    `${atOnce.answered} answered, ${atOnce.refused} refused`,
  );
  return { held, atOnce };
}

async function askAtOnce(server: Program, questions: readonly Measurements[]): Promise<AtOnce> {
  const [, url = ""] = await server.waitFor(SERVES);
  const start = performance.now();
  const statuses = await Promise.all(
    questions.map(async (question) => {
      const body = JSON.stringify(Object.fromEntries(FIELDS.map((field) => [field, question[field]])));
      const headers = { "content-type": "application/json" };
      const { status } = await fetch(`${url}/iris-classifier`, { method: "POST", headers, body });
      return status;
    }),
  );
  const count = (wanted: number) => statuses.filter((status) => status === wanted).length;
  return { answered: count(200), refused: count(503), stored: 0, seconds: secondsSince(start) };
}
