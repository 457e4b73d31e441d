/** Connections that no HTTP library opens, by raw sockets: pipelined, silent, half sent, hung up. */
import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { SERVES } from "../lab/harness/lines.ts";
import { type Program, start } from "../lab/harness/programs.ts";
import { createGracefulServer } from "./graceful_server.ts";

const servers: Program[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

async function serve(...args: string[]) {
  const server = start("3_client_server/server.ts", ["--port", "0", ...args]);
  servers.push(server);
  const [, url = ""] = await server.waitFor(SERVES);
  return { server, url };
}

async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {}); // A reset is one way to be hung up on.
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
}

const BODY = JSON.stringify({ sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 });

/** The bytes of one request. `name` is its Process-Id, by which its line in the log is found. */
function post(name: string, body = BODY, headers: string[] = [`Content-Length: ${body.length}`]): string {
  const head = ["Host: iris", "Content-Type: application/json", `Process-Id: ${name}`, ...headers];
  return `POST /iris-classifier HTTP/1.1\r\n${head.join("\r\n")}\r\n\r\n${body}`;
}

/** The status that one more client gets for a question without measurements: 422, or 503 at the limit. */
async function askNothing(url: string): Promise<number> {
  const headers = { "Content-Type": "application/json" };
  return (await fetch(`${url}/iris-classifier`, { method: "POST", headers, body: "{}" })).status;
}

/** Once another is refused, a request is known to be open. */
async function untilOneIsOpen(url: string): Promise<void> {
  while ((await askNothing(url)) !== 503);
}

/** Asks with half a body, so that the request is open for as long as a test needs; `finish` sends the rest. */
async function openHalf(url: string, name: string) {
  const socket = await open(url);
  socket.write(post(name, BODY.slice(0, 20), [`Content-Length: ${BODY.length}`]));
  await untilOneIsOpen(url);
  return { socket, finish: (more = "") => socket.write(BODY.slice(20) + more) };
}

/** All that the server sends on this connection until it closes it. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = await socket.toArray();
  return Buffer.concat(chunks).toString();
}

describe("a client that hangs up leaves no open request behind", () => {
  const half = BODY.slice(0, 20);
  const length = `Content-Length: ${BODY.length}`;
  test.each<[string, (name: string) => string]>([
    ["one question", (name) => post(name)],
    ["two in one packet", (name) => post(name) + post("second")],
    ["three in one packet", (name) => post(name) + post("second") + post("third")],
    ["a second one, half sent", (name) => post(name) + post("second", half, [length])],
    ["a body that is half sent", (name) => post(name, half, [length])],
    ["a chunked body that is half sent", (name) => post(name, "5\r\n{", ["Transfer-Encoding: chunked"])],
    ["a client that waits for 100 Continue", (name) => post(name, "", [length, "Expect: 100-continue"])],
    ["HEAD behind a question", (name) => `${post(name)}HEAD /health HTTP/1.1\r\nHost: iris\r\n\r\n`],
  ])("%s", async (_kind, bytes) => {
    const { server, url } = await serve("--limit-concurrency", "2", "--inference-time", "600");
    for (const name of ["first-try", "second-try", "third-try"]) {
      const socket = await open(url);
      socket.write(bytes(name));
      await untilOneIsOpen(url);
      socket.destroy();
      await server.waitFor(new RegExp(`client ${name} POST /iris-classifier`));
      expect(await askNothing(url), name).toBe(422);
    }
    const { exitCode, stdout, stderr } = await server.stop();
    expect(stdout).toMatch(/^Stopping: no request is open$/m);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });

  test("who only stops sending has hung up too", async () => {
    const { server, url } = await serve("--limit-concurrency", "2", "--inference-time", "600");
    const socket = await open(url);
    socket.write(post("half-closed"));
    await untilOneIsOpen(url);
    socket.end();
    await server.waitFor(/client half-closed POST/);
    expect(await askNothing(url)).toBe(422);
  });
});

test("rubbish behind a question ends the connection, and the question with it", async () => {
  const { server, url } = await serve("--limit-concurrency", "2", "--inference-time", "600");
  const socket = await open(url);
  socket.write(`${post("before-rubbish")}rubbish\r\n\r\n`);
  expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request/);
  await server.waitFor(/client before-rubbish POST/);
  expect(await askNothing(url)).toBe(422);
});

describe("questions on one connection", () => {
  test("are answered in their order, one at a time: they take one place", async () => {
    const { url } = await serve("--limit-concurrency", "2", "--inference-time", "0.05");
    const socket = await open(url);
    socket.write(
      post("a") + post("b", "{}") + post("c", BODY, [`Content-Length: ${BODY.length}`, "Connection: close"]),
    );
    const statuses = [...(await readAll(socket)).matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
    expect(statuses).toEqual(["200", "422", "200"]);
  });

  test("thirty in one packet are answered, without a warning", async () => {
    const { server, url } = await serve();
    const socket = await open(url);
    socket.write(
      post("many").repeat(29) + post("last", BODY, [`Content-Length: ${BODY.length}`, "Connection: close"]),
    );
    expect((await readAll(socket)).match(/HTTP\/1\.1 200/g)).toHaveLength(30);
    expect(await server.stop()).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("that come behind an open one are not begun when the server ends", async () => {
    const { server, url } = await serve("--limit-concurrency", "2");
    const { socket, finish } = await openHalf(url, "a");
    const stopped = server.stop();
    await server.waitFor(/^Stopping: 1 open request is finished first$/);
    finish(post("b"));
    expect((await readAll(socket)).match(/HTTP\/1\.1 200/g)).toHaveLength(1);
    expect((await stopped).stdout).not.toContain("client b");
  });
});

test("a request that takes too long is given up at the end, and counted", async () => {
  const { server, close } = createGracefulServer(() => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const socket = await open(`http://127.0.0.1:${port}`);
  const asked = once(server, "request");
  socket.write(post("patient"));
  await asked;
  const closed = once(socket.resume(), "close");
  expect(await close(0.1)).toBe(1);
  await closed;
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s closes connections without a request at once, and still answers an open request",
  async (signal) => {
    const { server, url } = await serve("--limit-concurrency", "2");
    const silent = await open(url);
    const halfSent = await open(url);
    halfSent.write("POST /iris-classifier HTTP/1.1\r\nHost:");
    const keptAlive = await open(url);
    keptAlive.write("GET /health HTTP/1.1\r\nHost: iris\r\n\r\n");
    await once(keptAlive, "data");
    const askedAgain = await open(url);
    askedAgain.write("GET /health HTTP/1.1\r\nHost: iris\r\n\r\n");
    await once(askedAgain, "data");
    askedAgain.write("GET /health HT");
    const broken = await open(url);
    broken.write("hello\r\n\r\n");
    await once(broken, "data");
    const { socket, finish } = await openHalf(url, "asking");

    const stopped = server.stop(signal);
    for (const idle of [silent, halfSent, keptAlive, askedAgain, broken]) {
      if (!idle.closed) await once(idle.resume(), "close");
    }
    expect(socket.readableEnded).toBe(false);
    finish();
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await stopped).toMatchObject({ exitCode: 0, stderr: "" });
    await expect(fetch(url)).rejects.toThrow();
  },
);
