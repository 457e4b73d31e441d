/**
 * Requests that no client of ours would send: each gets the right status and a problem of a stable type, none
 * hangs, and nothing of the inside is told.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type KafkaSandbox, openSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { ROOT } from "../../lab/harness/programs.ts";
import { type Gateway, startGateway } from "../../tests/support/gateway.ts";
import { type RawAnswer, rawRequest, sendRaw } from "../../tests/support/raw_http.ts";
import { PROBLEM_TYPES, type ProblemType } from "./http/problem_types.ts";

const JSON_TYPE = { "content-type": "application/json" };
const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
const FLOWER = JSON.stringify(X);
const LISTS_IN_LISTS = "[".repeat(500_000) + "]".repeat(500_000);
const MEGABYTE = "x".repeat(2 ** 20);

let sandbox: KafkaSandbox;
let gateway: Gateway;
beforeAll(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  gateway = await startGateway(sandbox);
  await gateway.ready();
});
afterAll(async () => {
  // Whatever came, it was expected: the log is silent, and the next request is answered.
  expect((await gateway.get("/health/ready")).status).toBe(200);
  expect((await gateway.post("/tasks", X)).status).toBe(202);
  const { exitCode, stderr } = await gateway.close();
  await sandbox.close();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});

type Request = string | Buffer;
const request = (method: string, path: string, headers: Record<string, string> = {}, body = "") =>
  rawRequest(method, path, { host: "HOST", ...headers }, body);
const post = (body: string, headers: Record<string, string> = JSON_TYPE, path = "/tasks") =>
  request("POST", path, headers, body);
const get = (path: string, headers: Record<string, string> = {}) => request("GET", path, headers);

/** HOST stands for the gateway's own address. */
function send(bytes: Request): Promise<RawAnswer> {
  const host = `localhost:${gateway.port}`;
  if (typeof bytes === "string") return sendRaw(gateway.port, bytes.replace("HOST", host));
  return sendRaw(gateway.port, Buffer.from(bytes.toString("latin1").replace("HOST", host), "latin1"));
}

async function expectProblem(bytes: Request, type: ProblemType): Promise<RawAnswer> {
  const answer = await send(bytes);
  const [status, title] = PROBLEM_TYPES[type];
  expect({ status: answer.status, raw: answer.raw.slice(0, 2000) }).toEqual({
    status,
    raw: expect.anything(),
  });
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(answer.body);
  expect(problem).toMatchObject({ type: `/problems/${type}`, title, status });
  expect(problem.detail).toMatch(/^[A-Z]/);
  for (const inside of [ROOT, gateway.folder, "node_modules", "    at ", ".ts:"])
    expect(answer.raw).not.toContain(inside);
  for (const header of ["x-powered-by", "server"]) expect(answer.headers).not.toHaveProperty(header);
  return answer;
}

const raw = (...lines: string[]) => lines.map((line) => `${line}\r\n`).join("");
const NOT_HTTP: [string, Request][] = [
  ["no HTTP", "hello\r\n\r\n"],
  ["TLS", Buffer.from("16030100a5010000a10303", "hex")],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a version that is none", raw("GET /tasks HTTP/9.9", "Host: HOST", "")],
  ["a method that is none", request("FOO", "/tasks")],
  ["a method in lower case", request("get", "/tasks")],
  ["no host", raw("GET /tasks HTTP/1.1", "Connection: close", "")],
  ["two hosts", raw("GET /tasks HTTP/1.1", "Host: HOST", "Host: evil.example", "Connection: close", "")],
  [
    "two lengths",
    raw("POST /tasks HTTP/1.1", "Host: HOST", "Content-Length: 3", "Content-Length: 5", "", "{}"),
  ],
  ["a negative length", post("{}", { ...JSON_TYPE, "content-length": "-5" })],
  [
    "a length and chunks",
    raw("POST /tasks HTTP/1.1", "Host: HOST", "Content-Length: 3", "Transfer-Encoding: chunked", "", "0", ""),
  ],
  ["a chunk that is none", post("zz\r\n{}", { ...JSON_TYPE, "transfer-encoding": "chunked" })],
  ["an encoding that is none", request("POST", "/tasks", { ...JSON_TYPE, "transfer-encoding": "gzip" })],
  ["a header with a zero byte", get("/tasks", { x: "a\0b" })],
  ["a header with a space in its name", get("/tasks", { "x y": "a" })],
  ["a header in two lines", raw("GET /tasks HTTP/1.1", "Host: HOST", "X: a", " b", "")],
  ["a path without a slash", get("tasks")],
  ["a path with a space", get("/tasks x")],
  ["a path with letters of no ASCII", get("/t\u00e4sks")],
  ["a percent sign without digits", get("/tasks/%zz")],
  ["bytes that are no UTF-8", get("/tasks/%ff")],
  ["a part of a path that has no end", get(`/tasks/${"x".repeat(600)}`)],
];
test.each(NOT_HTTP)("what cannot be read: %s", async (_name, bytes) => {
  await expectProblem(bytes, "bad-request");
});

test.each([
  ["another host", get("/tasks", { host: "evil.example" })],
  ["another host's port", get("/tasks", { host: "localhost:1" })],
  ["no name", get("/tasks", { host: "" })],
  ["another host in the path", get("http://evil.example/tasks")],
  ["a name that begins like ours", get("/tasks", { host: "localhost.evil.example" })],
])("the request is for %s", async (_name, bytes) => {
  await expectProblem(bytes, "wrong-host");
});

test.each([
  ["another site", post(FLOWER, { ...JSON_TYPE, origin: "http://evil.example" })],
  ["a file", post(FLOWER, { ...JSON_TYPE, origin: "null" })],
  ["another port", request("DELETE", "/tasks/x", { origin: "http://localhost:1" })],
  ["another site, as the browser says", post(FLOWER, { ...JSON_TYPE, "sec-fetch-site": "cross-site" })],
  [
    "another site, for a replay",
    request("POST", "/dead-letters/0/0/replay", { origin: "http://evil.example" }),
  ],
])("what writes comes from %s", async (_name, bytes) => {
  await expectProblem(bytes, "foreign-origin");
});

test("headers without end, and a path without end", async () => {
  await expectProblem(get("/tasks", { x: "a".repeat(20_000) }), "header-too-large");
  await expectProblem(get(`/tasks/${"x".repeat(20_000)}`), "header-too-large");
});

test("expectations: 100-continue is met, another one is not", async () => {
  await expectProblem(post("{}", { ...JSON_TYPE, expect: "the unexpected" }), "unknown-expectation");
  expect((await send(post(FLOWER, { ...JSON_TYPE, expect: "100-continue" }))).status).toBe(202);
});

test.each([
  ["PUT", "/tasks", "GET, HEAD, POST"],
  ["PATCH", "/tasks/x", "DELETE, GET, HEAD"],
  ["TRACE", "/tasks", "GET, HEAD, POST"],
  ["OPTIONS", "/tasks", "GET, HEAD, POST"],
  ["PROPFIND", "/results", "GET, HEAD"],
  ["DELETE", "/", "GET, HEAD"],
  ["POST", "/openapi.json", "GET, HEAD"],
  ["GET", "/dead-letters/0/0/replay", "POST"],
  ["HEAD", "/elab", "POST"],
])("%s %s: the other methods are named", async (method, path, allow) => {
  if (method === "HEAD") {
    expect(await send(request(method, path))).toMatchObject({ status: 405, headers: { allow }, body: "" });
  } else {
    expect((await expectProblem(request(method, path), "method-not-allowed")).headers.allow).toBe(allow);
  }
});

test("a tunnel is not dug: the connection is closed", async () => {
  expect((await send(request("CONNECT", "evil.example:80"))).raw).toBe("");
  expect(
    (await send(get("/health/live", { upgrade: "websocket", connection: "Upgrade, close" }))).status,
  ).toBe(200);
});

describe("paths that would leave the board's folder", () => {
  const paths = [
    ...["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/board/../../package.json", "/board/"],
    ...[
      "/board/%2e%2e/%2e%2e/package.json",
      "/board/..%2f..%2fpackage.json",
      "/board/..%5c..%5cpackage.json",
    ],
    ...["/board\\..\\..\\package.json", "/board/queue%00.js", "//tasks", "//evil.example/tasks", "/tasks//"],
    ...["/tasks/../health/live", "/wall/../tasks", "/results.csv/", "/TASKS", "/.git/config"],
  ];
  test.each(paths)("%s", async (path) => {
    await expectProblem(get(path), "not-found");
  });

  test.each(["/tasks/..", "/tasks/%2e%2e%2fresults", "/tasks/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/tasks/-1"])(
    "%s is an id that nobody has",
    async (path) => {
      await expectProblem(get(path), "unknown-task");
    },
  );
});

test.each([
  ["no body", request("POST", "/tasks"), "invalid-input"],
  ["an empty one", request("POST", "/tasks", { ...JSON_TYPE, "content-length": "0" }), "malformed-json"],
  ["half an object", post("{"), "malformed-json"],
  ["a member __proto__", post(`{"__proto__":{},${FLOWER.slice(1)}`), "malformed-json"],
  [
    "a member constructor.prototype",
    post(`{"constructor":{"prototype":{}},${FLOWER.slice(1)}`),
    "malformed-json",
  ],
  [
    "bytes that are no UTF-8",
    Buffer.concat([Buffer.from(post("{}", { ...JSON_TYPE, "content-length": "3" })), Buffer.from([0xff])]),
    "malformed-json",
  ],
  ["null", post("null"), "invalid-input"],
  ["a number", post("5"), "invalid-input"],
  ["a text", post('"6,3,4,1"'), "invalid-input"],
  ["true", post("true"), "invalid-input"],
  ["an empty list", post("[]"), "invalid-input"],
  ["lists in lists", post(LISTS_IN_LISTS), "invalid-input"],
  [
    "objects in objects",
    post(`${'{"sepal_length":'.repeat(100_000)}1${"}".repeat(100_000)}`),
    "invalid-input",
  ],
  ["a length of lists in lists", post(`{"sepal_length":${LISTS_IN_LISTS}}`), "invalid-input"],
  ["a number beyond all", post(FLOWER.replace("6", "1e999")), "invalid-input"],
  ["a flower of another planet", post(FLOWER.replace("6", "31")), "invalid-input"],
  ["text as plain text", post(FLOWER, { "content-type": "text/plain" }), "not-json"],
  ["a form", post("a=1", { "content-type": "application/x-www-form-urlencoded" }), "not-json"],
  ["parts", post("--x--", { "content-type": "multipart/form-data; boundary=x" }), "not-json"],
  ["no type", post(FLOWER, {}), "not-json"],
  ["a type that is none", post(FLOWER, { "content-type": "json" }), "not-json"],
  ["five megabytes", post(JSON.stringify(MEGABYTE.repeat(5))), "too-large"],
  ["five megabytes announced", post("", { ...JSON_TYPE, "content-length": "5000000" }), "too-large"],
  [
    "five megabytes in chunks",
    request("POST", "/tasks", { ...JSON_TYPE, "transfer-encoding": "chunked" }) +
      `${raw("100000", MEGABYTE)}`.repeat(5) +
      raw("0", ""),
    "too-large",
  ],
  ["10,001 tasks", post(`[${new Array(10_001).fill(FLOWER).join(",")}]`), "too-large"],
] satisfies [string, Request, ProblemType][])("the body of POST /tasks is %s", async (_name, bytes, type) => {
  await expectProblem(bytes, type);
});

test.each([
  // Each byte of a header is a character.
  ["another type", { "content-type": 'text/"plain\x9b' }, '"text/\\"plainÂ\\u009b"'],
  ["no type", {}, "no such header"],
])("a body with %s is told which header to send, and what came", async (_name, headers, got) => {
  const { body } = await expectProblem(post(FLOWER, headers), "not-json");
  expect(JSON.parse(body).detail).toBe(`Expected the header Content-Type: application/json, got ${got}`);
});

test("a body that is compressed is refused, and not taken for something else", async () => {
  for (const encoding of ["gzip", "br", "identity, gzip"]) {
    const bytes = post(FLOWER, { ...JSON_TYPE, "content-encoding": encoding });
    expect((await expectProblem(bytes, "encoded-body")).headers["accept-encoding"]).toBe("identity");
  }
  expect((await send(post(FLOWER, { ...JSON_TYPE, "content-encoding": "identity" }))).status).toBe(202);
});

test("who names a type and sends nothing is heard where nothing is enough", async () => {
  const headers = { ...JSON_TYPE, "content-length": "0" };
  const del = await send(request("DELETE", "/tasks/nobody", headers));
  expect([del.status, JSON.parse(del.body).type]).toEqual([404, "/problems/unknown-task"]);
  const replay = await send(request("POST", "/dead-letters/0/7/replay", headers));
  expect([replay.status, JSON.parse(replay.body).type]).toEqual([404, "/problems/unknown-dead-letter"]);
  await expectProblem(request("POST", "/tasks", headers), "malformed-json");
});

test("one bad flower among 10,000 refuses them all, and is named", async () => {
  const before = (await sandbox.admin.fetchTopicOffsets(sandbox.topic("tasks"))).map(({ high }) => high);
  const flowers = new Array(10_000).fill(FLOWER);
  flowers[9876] = '{"sepal_length":6}';
  const { body } = await expectProblem(post(`[${flowers.join(",")}]`), "invalid-input");
  expect(JSON.parse(body)).toMatchObject({ index: 9876, field: "sepal_width", got: "nothing" });
  const after = (await sandbox.admin.fetchTopicOffsets(sandbox.topic("tasks"))).map(({ high }) => high);
  expect(after).toEqual(before);
});

test.each([
  ...["/tasks/%00", "/tasks/%0a", `/tasks/${"x".repeat(300)}`, "/tasks?limit=0", "/tasks?limit=1&limit=2"],
  ...["/tasks?limit[]=1", "/tasks?__proto__=1", "/tasks?limit=%", "/tasks?before=x", "/tasks?status=LOST"],
  ...["/tasks?sort=id", `/tasks?${"a=1&".repeat(3000)}`, "/dead-letters/-1/0", "/dead-letters/a/b"],
  ...["/dead-letters/0/99999999999999999999", "/dead-letters?before=1.2", "/dead-letters?limit=101"],
  ...["/results?since=yesterday", "/results?before=1", "/results?species=rose", "/results.csv?limit=1"],
  ...["/results.csv?until=2026-02-30T00:00:00", `/problems/${"x".repeat(201)}`],
])("a parameter is wrong: %s", async (path) => {
  await expectProblem(get(path), "invalid-input");
});

test.each([
  ["an empty key", { "idempotency-key": "" }],
  ["a key without end", { "idempotency-key": "x".repeat(300) }],
  ["a key of no ASCII", { "idempotency-key": "\u00e4" }],
])("%s", async (_name, headers) => {
  await expectProblem(post(FLOWER, { ...JSON_TYPE, ...headers }), "invalid-input");
});

test("preferences that are not understood are ignored", async () => {
  for (const prefer of [
    "wait=now",
    "wait=-1",
    "respond-async; wait",
    "wait=1e9",
    ",,,;;;===",
    "x".repeat(5000),
  ])
    expect((await send(post(FLOWER, { ...JSON_TYPE, prefer }))).status).toBe(202);
});
