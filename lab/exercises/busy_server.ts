/** Stage 3's real server with its one place taken, for just as long as it takes to refuse the client once. */
import { request } from "node:http";
import { formatAnswer } from "../../common/iris.ts";
import { SERVES } from "../harness/lines.ts";
import type { ProgramUnderTest } from "./program_under_test.ts";
import { randomIris, toLine } from "./random_iris.ts";
import { assertThat } from "./requirement.ts";

const CLIENT = "3_client_server/client.ts";
const SERVER = "3_client_server/server.ts";
/**
 * How the requests that take the place call themselves, so that the server's log tells them from the
 * client's.
 */
const HOLDER = { "Process-Id": "verify" };
const CLIENT_REFUSED = /client (?!verify)\S+ POST \/iris-classifier 503/;

/** Asserts that the client, which is refused at first, has its answer in the end. */
export async function assertAnswerFromBusyServer({
  start,
  run,
  classifier,
}: ProgramUnderTest): Promise<void> {
  const server = start(SERVER, ["--port", "0", "--limit-concurrency", "2"]);
  const [, url = ""] = await server.until(server.program.waitFor(SERVES), "Model ... serves on http://...");
  const path = `${url}/iris-classifier`;
  // The place is taken by a request whose body does not come. (A body of another type is refused unread.)
  const headers = { ...HOLDER, "Content-Type": "application/json", "Content-Length": "1" };
  const place = request(path, { method: "POST", headers });
  place.on("error", () => {}); // It is hung up below.
  place.flushHeaders();
  const isFull = async () => {
    let status = 0;
    while (status !== 503) {
      const response = await fetch(path, { method: "POST", headers: HOLDER });
      await response.body?.cancel(); // A body that nobody reads would keep its connection.
      status = response.status;
    }
  };
  await server.until(isFull(), "an answer 503");

  const iris = randomIris(classifier);
  const explain = (command: string) =>
    [
      `npx tsx ${SERVER} --limit-concurrency 2 --inference-time 5`,
      "and in two other terminals, one right after the other",
      command.replace(url, "http://127.0.0.1:8000"),
    ].join("\n");
  const input = `${toLine(iris)}\n`;
  const running = run(CLIENT, ["--retries", "3", "--url", url], { input, explain });
  const refused = server.until(server.program.waitFor(CLIENT_REFUSED), "a line about a 503");
  await Promise.race([refused, running]).finally(() => place.destroy());
  const ran = await running;
  await server.stop();
  const expected = formatAnswer(classifier.predict(iris));
  assertThat(ran.stdout.trimEnd() === expected && ran.exitCode === 0, ran, expected);
}
