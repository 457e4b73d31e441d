/** The guard in front of a real server: which names it answers to, and whose pages may write. */
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import { rawRequest, sendRaw } from "../../../tests/support/raw_http.ts";
import { createGuard } from "./guard.ts";
import { sendProblem, toProblem } from "./problem.ts";

const running: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
});

/** Serves on a free port of 127.0.0.1. */
async function serve(host: string, ...allowed: string[]): Promise<number> {
  const app = fastify();
  running.push(app);
  const guard = createGuard({ host, allowed });
  app.addHook("onRequest", async (request) => guard(request));
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, toProblem(error)));
  app.route({ method: ["GET", "POST"], url: "/", handler: () => "ok" });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
}

/** `<port>` in a header stands for the port. */
async function ask(port: number, method: string, headers: Record<string, string>) {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace("<port>", String(port)),
  ]);
  const { status, body } = await sendRaw(port, rawRequest(method, "/", Object.fromEntries(entries)));
  return { status, type: status === 200 ? "" : JSON.parse(body).type };
}

const GOOD = { status: 200, type: "" };
const WRONG_HOST = { status: 421, type: "/problems/wrong-host" };
const FOREIGN = { status: 403, type: "/problems/foreign-origin" };

describe("the header Host", () => {
  test.each(["localhost:<port>", "LOCALHOST:<port>", "127.0.0.1:<port>", "[::1]:<port>"])(
    "%s names a gateway on loopback",
    async (host) => {
      expect(await ask(await serve("127.0.0.1"), "GET", { host })).toEqual(GOOD);
    },
  );

  test.each([
    "evil.example",
    "evil.example:<port>",
    "localhost", // It stands for port 80.
    "localhost:1",
    "localhost.evil.example:<port>",
    "evil.example:80@localhost:<port>",
    "0.0.0.0:<port>",
    "192.168.1.5:<port>",
    "localhost:<port>.evil.example",
    "",
  ])("%j does not", async (host) => {
    const port = await serve("127.0.0.1");
    for (const method of ["GET", "POST"]) expect(await ask(port, method, { host })).toEqual(WRONG_HOST);
  });

  test("a name that is allowed is, with and without a port; one with a port is for that port", async () => {
    const port = await serve("0.0.0.0", "Iris.example.org", "iris.test:443");
    for (const host of [
      "iris.example.org",
      "IRIS.EXAMPLE.ORG:443",
      "iris.example.org:<port>",
      "iris.test:443",
    ])
      expect(await ask(port, "GET", { host }), host).toEqual(GOOD);
    for (const host of ["iris.test", "iris.test:<port>", "example.org"])
      expect(await ask(port, "GET", { host }), host).toEqual(WRONG_HOST);
  });

  test("the address that it listens on is allowed, also of IPv6", async () => {
    expect(await ask(await serve("192.168.1.5"), "GET", { host: "192.168.1.5:<port>" })).toEqual(GOOD);
    expect(await ask(await serve("fe80::1"), "GET", { host: "[fe80::1]:<port>" })).toEqual(GOOD);
  });
});

describe("what writes", () => {
  const host = "localhost:<port>";

  test.each([
    {},
    { origin: "http://localhost:<port>" },
    { origin: "http://127.0.0.1:<port>" },
    { origin: "http://localhost:<port>", "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
  ])("is taken with %j", async (headers) => {
    expect(await ask(await serve("127.0.0.1"), "POST", { host, ...headers })).toEqual(GOOD);
  });

  test.each([
    { origin: "https://evil.example" },
    { origin: "http://localhost:3000" },
    { origin: "http://localhost" },
    { origin: "null" },
    { origin: "" },
    { origin: "file://" },
    { origin: "chrome-extension://localhost:<port>" },
    { origin: "http://localhost:<port>.evil.example" },
    { "sec-fetch-site": "cross-site" },
    { origin: "http://localhost:<port>", "sec-fetch-site": "cross-site" },
  ])("is refused with %j, and reading is not", async (headers) => {
    const port = await serve("127.0.0.1");
    expect(await ask(port, "POST", { host, ...headers })).toEqual(FOREIGN);
    // Another site cannot see the answer: there is no header that lets it.
    expect(await ask(port, "GET", { host, ...headers })).toEqual(GOOD);
  });

  test("a page of a name that is allowed may write", async () => {
    const port = await serve("127.0.0.1", "iris.example.org");
    const headers = { host: "iris.example.org", origin: "https://iris.example.org" };
    expect(await ask(port, "POST", headers)).toEqual(GOOD);
  });
});
