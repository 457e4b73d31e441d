import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { SERVES } from "../lab/harness/lines.ts";
import { run, start } from "../lab/harness/programs.ts";
import { HAS_TERMINAL, runOnTerminal } from "../tests/support/terminal.ts";

const CLIENT = "3_client_server/client.ts";
const ANSWER = {
  iris_type: 1,
  species: "versicolor",
  probabilities: { setosa: 0, versicolor: 0.96, virginica: 0.04 },
  model: "0123456789ab",
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers in ways in which the real one never should. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("asks the real server, sends its Process-Id, and goes on after a bad line", async () => {
  const server = start("3_client_server/server.ts", ["--port", "0"]);
  const [, url = ""] = await server.waitFor(SERVES);
  const client = start(CLIENT, ["--url", url], { input: "6,3,4,1\nx\n5,2.5,4.1,2\nq\n" });
  const { exitCode, stdout, stderr } = await client.exited;
  expect(exitCode).toBe(0);
  expect(stdout).toBe("Iris type: 1 (versicolor, 96 %)\nIris type: 2 (virginica, 56 %)\n");
  expect(stderr).toMatch(/^Line 2 skipped: Expected sepal_length/);
  await server.waitFor(new RegExp(`client ${client.pid} POST /iris-classifier 200`));
  expect((await server.stop()).exitCode).toBe(0);
});

test.each<[string, RequestListener, RegExp]>([
  [
    "503",
    (_, response) => response.writeHead(503).end('{"error":{"message":"at its limit, try again in 3 s"}}'),
    /^503: at its limit, try again in 3 s$/,
  ],
  [
    "422",
    (_, response) => response.writeHead(422).end('{"error":{"message":"Expected x"}}'),
    /^422: Expected x$/,
  ],
  [
    "an error with control characters",
    (_, response) => response.writeHead(500).end('{"error":{"message":"\\u001b[2Jgone\\nIris type: 0"}}'),
    /^500: \\u001b\[2Jgone\\nIris type: 0$/,
  ],
  [
    "another program's page",
    (_, response) => response.end("<html>"),
    /answered 200 with a body that is no answer: is it the iris server\? Check --url$/,
  ],
  [
    "JSON that is no answer",
    (_, response) => response.end('{"iris_type":7}'),
    /answered 200 with a body that is no answer/,
  ],
  [
    "an error without words",
    (_, response) => response.writeHead(500).end("oops"),
    /answered 500 with a body that is no answer/,
  ],
  [
    "a hang-up",
    (request) => request.socket.destroy(),
    /^No answer from http:\S+ \((ECONNRESET|UND_ERR_SOCKET)\): is the server still running\?/,
  ],
])("%s is one line, and the prompt goes on", async (_name, misbehave, message) => {
  let requests = 0;
  const url = await serve((request, response) => {
    requests += 1;
    if (requests === 1) misbehave(request, response);
    else response.end(JSON.stringify(ANSWER));
  });
  const { exitCode, stdout, stderr } = await run(CLIENT, ["--url", url], { input: "6,3,4,1\n6,3,4,1\n" });
  expect(stderr.trim()).toMatch(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stdout).toBe("Iris type: 1 (versicolor, 96 %)\n");
  expect(exitCode).toBe(0);
});

test("silence is one line for each question", async () => {
  const url = await serve(() => {});
  const args = ["--url", url, "--timeout", "0.5"];
  const { exitCode, stdout, stderr } = await run(CLIENT, args, { input: "6,3,4,1\n6,3,4,1\n" });
  expect(stderr).toMatch(/^(No answer within 0\.5 s: .*--timeout\n){2}$/);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
});

test.each([
  ['{"iris_type":0}', "Iris type: 0 (setosa)"],
  ['{"iris_type":1,"took_ms":3,"explanation":{"petal_width":0.4}}', "Iris type: 1 (versicolor)"],
  ['{"iris_type":2,"species":"virginica"}', "Iris type: 2 (virginica)"],
  ['{"iris_type":2,"species":"Iris-virginica","probabilities":[0,0.1,0.9]}', "Iris type: 2 (virginica)"],
])("a server in another language may answer as little as %s", async (body, line) => {
  const url = await serve((_, response) => response.end(body));
  const { stdout, stderr } = await run(CLIENT, ["--url", url], { input: "6,3,4,1\n" });
  expect({ stdout, stderr }).toEqual({ stdout: `${line}\n`, stderr: "" });
});

test.skipIf(!HAS_TERMINAL)("on a terminal it says that it waits, on a pipe it does not", async () => {
  const url = await serve(() => {});
  const args = [CLIENT, "--url", url, "--timeout", "1.5"];
  const told = "No answer within 1.5 s: the server may be busy; try again, or wait longer with --timeout";
  const { text } = await runOnTerminal(
    [process.execPath, "--import", "tsx", ...args],
    [
      ["(q quits):", "6,3,4,1\r"],
      [told, ""],
      ["(q quits):", "q\r"],
    ],
  );
  expect(text).toContain(`\nWaiting for the server, at most 1.5 s ...\n${told}\n`);
  const { stdout, stderr } = await run(CLIENT, args.slice(1), { input: "6,3,4,1\n" });
  expect({ stdout, stderr }).toEqual({ stdout: "", stderr: `${told}\n` });
});

/** A server on which one request is open: one more would be refused. */
async function startBusyServer() {
  const args = ["--port", "0", "--limit-concurrency", "2", "--inference-time", "600"];
  const server = start("3_client_server/server.ts", args);
  const [, url = "", pid = ""] = await server.waitFor(/serves on (http:\S+) \(pid (\d+)/);
  const client = start(CLIENT, ["--url", url], { input: "6,3,4,1\n" });
  while ((await fetch(`${url}/iris-classifier`, { method: "POST" })).status !== 503);
  return { server, client, url, pid: Number(pid) };
}

test("the server is killed, by the pid of its first line, while a request is open", async () => {
  const { server, client, url, pid } = await startBusyServer();
  process.kill(pid, "SIGKILL");
  const { stdout, stderr } = await client.exited;
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /^No answer from http:\S+ \((UND_ERR_SOCKET|ECONNRESET)\): is the server still running/,
  );
  expect(stderr).toContain(url);
  await server.exited;
});

test("Ctrl-C in a client frees the place of its open request, and the log has no status for it", async () => {
  const { server, client, url } = await startBusyServer();
  await client.stop("SIGINT");
  await server.waitFor(new RegExp(`client ${client.pid} POST /iris-classifier - - ms`));
  expect((await fetch(`${url}/iris-classifier`, { method: "POST" })).status).toBe(415);
  expect((await server.stop()).exitCode).toBe(0);
});

test("no server: says how to start one", async () => {
  const url = await serve(() => {});
  const server = servers.pop();
  server?.close();
  const { exitCode, stderr } = await run(CLIENT, ["--url", url], { input: "6,3,4,1\n" });
  expect(stderr).toBe(`No server at ${url}: start one with npx tsx 3_client_server/server.ts\n`);
  expect(exitCode).toBe(0);
});

test("environment variables: an empty one is no value, a wrong one is refused by its name", async () => {
  const env = { IRIS_URL: "", TIMEOUT: "" };
  expect(await run(CLIENT, [], { env, input: "q\n" })).toMatchObject({ exitCode: 0, stderr: "" });
  const url = await run(CLIENT, [], { env: { IRIS_URL: "localhost:8000" } });
  expect(url).toMatchObject({
    exitCode: 2,
    stderr:
      'Expected the environment variable IRIS_URL to be a URL such as http://127.0.0.1:8000, got "localhost:8000"\n',
  });
  const timeout = await run(CLIENT, [], { env: { TIMEOUT: "soon" } });
  expect(timeout).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("variable TIMEOUT to be") });
});

test.each([
  [["--url", "localhost"], "Expected a URL such as http://127.0.0.1:8000."],
  [["--timeout", "0"], "Expected a number of seconds from 0.1 to 300."],
])("%j is refused with exit code 2", async (args, message) => {
  expect(await run(CLIENT, args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
});
