import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { MODEL_FILE, readModel } from "../common/model_file.ts";
import { SERVES } from "../lab/harness/lines.ts";
import { type Program, run, start } from "../lab/harness/programs.ts";

const SERVER = "3_client_server/server.ts";
const iris = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };
const JSON_TYPE = { "Content-Type": "application/json" };

const servers: Program[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

async function serve(...args: string[]) {
  const server = start(SERVER, ["--port", "0", ...args]);
  servers.push(server);
  const [, url = ""] = await server.waitFor(SERVES);
  return { server, url };
}

function post(url: string, body: unknown = iris, init: RequestInit = {}) {
  return fetch(`${url}/iris-classifier`, {
    method: "POST",
    headers: JSON_TYPE,
    body: JSON.stringify(body),
    ...init,
  });
}

/** Keeps one request open, which the limit 2 allows, and asks until the next one is refused. */
async function keepOneOpen(url: string) {
  const controller = new AbortController();
  const waiting = post(url, iris, { signal: controller.signal }).catch((error: Error) => error.name);
  let refusal = await post(url, null);
  while (refusal.status !== 503) refusal = await post(url, null);
  const hangUp = async () => {
    controller.abort();
    expect(await waiting).toBe("AbortError");
  };
  return { refusal, hangUp };
}

test("answers, tells its health and its model, and logs the Process-Id of each request", async () => {
  const { server, url } = await serve();
  const { card } = readModel(MODEL_FILE);
  const answer = await post(url, iris, { headers: { ...JSON_TYPE, "Process-Id": "4711" } });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    iris_type: 1,
    species: "versicolor",
    probabilities: { setosa: 0, versicolor: 0.96, virginica: 0.04 },
    model: card.version,
  });
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok" });
  expect(await (await fetch(`${url}/model-info`)).json()).toEqual(card);
  await server.waitFor(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z client 4711 POST \/iris-classifier 200 \d+ ms$/,
  );
});

test("each answer is one line that ends, and GET / says what there is to ask", async () => {
  const { url } = await serve();
  for (const path of ["/", "/health", "/model-info", "/nothing"]) {
    expect(await (await fetch(url + path)).text(), path).toMatch(/^\{.*\}\n$/);
  }
  expect(await (await post(url)).text()).toMatch(/^\{"iris_type":1,.*\}\n$/);
  const listing = await fetch(url);
  expect(listing.status).toBe(200);
  const requests = Object.keys((await listing.json()) as object);
  expect(requests).toEqual(["POST /iris-classifier", "GET /model-info", "GET /health"]);
  for (const request of requests) {
    const [method, path] = request.split(" ") as [string, string];
    // The question alone lacks its body.
    expect((await fetch(url + path, { method })).status, request).toBe(method === "POST" ? 415 : 200);
  }
  const head = await fetch(`${url}/health`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "16", ""]);
});

test("the first line tells the process id, and an address that works, also with IPv6", async () => {
  const { server, url } = await serve("--host", "::1");
  expect(server.lines[0]?.text).toMatch(
    new RegExp(`^Model \\w{12} serves on http://\\[::1\\]:\\d+ \\(pid ${server.pid}, Ctrl-C stops\\)$`),
  );
  expect((await post(url)).status).toBe(200);
});

test("a Process-Id cannot forge a line of the log", async () => {
  const { server, url } = await serve();
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  // ESC and line breaks are no HTTP, so Node refuses them; \x9b, which a terminal takes for ESC [, is.
  socket.end("GET /health HTTP/1.1\r\nHost: iris\r\nProcess-Id: 1\x9b2J\r\n\r\n", "latin1");
  await server.waitFor(/client 1\\u009b2J GET \/health 200 \d+ ms$/);
});

describe("--cors", () => {
  const PAGE = "http://localhost:5173";
  const preflight = (url: string) =>
    fetch(`${url}/iris-classifier`, {
      method: "OPTIONS",
      headers: {
        Origin: PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,process-id",
      },
    });

  test("is off by default: a browser's preflight request is refused", async () => {
    const { url } = await serve();
    const response = await preflight(url);
    expect(response.status).toBe(405);
    expect(response.headers.get("access-control-allow-origin")).toBe(null);
    const answer = await post(url, iris, { headers: { ...JSON_TYPE, Origin: PAGE } });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([200, null]);
  });

  test("lets pages of that origin ask, and read errors too", async () => {
    const { url } = await serve("--cors", PAGE, "--limit-concurrency", "2", "--inference-time", "600");
    const { status, headers } = await preflight(url);
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(headers.get("access-control-allow-methods")?.split(",")).toContain("POST");
    expect(headers.get("access-control-allow-headers")?.split(",")).toEqual(["Content-Type", "Process-Id"]);

    const answers = [await fetch(`${url}/health`), await post(url, null)];
    const { refusal, hangUp } = await keepOneOpen(url);
    answers.push(refusal);
    await hangUp();
    expect(answers.map((answer) => answer.status)).toEqual([200, 422, 503]);
    for (const answer of answers) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(PAGE);
      expect(answer.headers.get("vary")).toMatch(/\bOrigin\b/);
    }
    expect(refusal.headers.get("access-control-expose-headers")).toBe("Retry-After");
  });
});

describe("every error is JSON with the right status", () => {
  const request = (
    path: string,
    method: string,
    body?: string,
    headers: Record<string, string> = JSON_TYPE,
  ) => ({
    path,
    init: { method, headers, ...(body === undefined ? {} : { body }) },
  });
  const ask = (body: unknown) => request("/iris-classifier", "POST", JSON.stringify(body));
  const cases: [string, ReturnType<typeof request>, number, object][] = [
    [
      "malformed JSON",
      request("/iris-classifier", "POST", '{"sepal_length":'),
      400,
      { code: "malformed_json" },
    ],
    ["an empty body", request("/iris-classifier", "POST"), 422, { field: "sepal_length" }],
    ["an unknown path", request("/nothing", "GET"), 404, { code: "not_found" }],
    ["GET for a question", request("/iris-classifier", "GET"), 405, { code: "method_not_allowed" }],
    ["DELETE of the health", request("/health", "DELETE"), 405, { code: "method_not_allowed" }],
    ["POST to the model card", request("/model-info", "POST", "{}"), 405, { code: "method_not_allowed" }],
    [
      "a body of 20 kB",
      request("/iris-classifier", "POST", `"${"x".repeat(20_000)}"`),
      413,
      { code: "too_large" },
    ],
    [
      "a form",
      request("/iris-classifier", "POST", "a=1", { "Content-Type": "text/plain" }),
      415,
      { code: "not_json" },
    ],
    [
      "an unknown charset",
      request("/iris-classifier", "POST", "{}", { "Content-Type": "application/json; charset=latin1" }),
      415,
      { code: "bad_request" },
    ],
    ["null", ask(null), 422, { code: "invalid_input", got: "null" }],
    ["a list", ask([6, 3, 4, 1]), 422, { field: "sepal_length" }],
    [
      "a text for a number",
      ask({ ...iris, petal_width: "1" }),
      422,
      { field: "petal_width", expected: "a number between 0 and 30 cm", got: '"1"' },
    ],
    [
      "a missing field",
      ask({ ...iris, sepal_width: undefined }),
      422,
      { field: "sepal_width", got: "nothing" },
    ],
    ["a negative length", ask({ ...iris, sepal_length: -1 }), 422, { field: "sepal_length", got: "-1" }],
  ];

  test("of all kinds", async () => {
    const { url } = await serve();
    for (const [name, { path, init }, status, error] of cases) {
      const response = await fetch(url + path, init);
      expect(response.status, name).toBe(status);
      expect(response.headers.get("content-type"), name).toContain("application/json");
      expect(await response.json(), name).toMatchObject({ error: { message: expect.any(String), ...error } });
      expect(response.headers.get("allow") !== null, name).toBe(status === 405);
    }
  });

  test("what is not HTTP gets a 400 with JSON, and the server lives", async () => {
    const { url } = await serve();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.end("hello\r\n\r\n");
    const chunks: Buffer[] = await socket.toArray();
    const text = Buffer.concat(chunks).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(JSON.parse(text.split("\r\n\r\n")[1] ?? "")).toMatchObject({ error: { code: "bad_http" } });
    expect((await post(url)).status).toBe(200);
  });
});

describe("--limit-concurrency", () => {
  test("2: while a core computes for one, the next is refused; health and model card never are", async () => {
    const { url } = await serve("--limit-concurrency", "2", "--cpu-bound", "--inference-time", "600");
    const { refusal, hangUp } = await keepOneOpen(url);
    expect(refusal.headers.get("retry-after")).toBe("600");
    expect(await refusal.json()).toMatchObject({ error: { code: "at_limit", limit_concurrency: 2 } });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/model-info`)).status).toBe(200);
    await hangUp();
  });

  test("200 at once: each is answered or refused, and afterwards every place is free", async () => {
    const { url } = await serve("--limit-concurrency", "20", "--inference-time", "2");
    const statuses = await Promise.all(Array.from({ length: 200 }, async () => (await post(url)).status));
    const count = (status: number) => statuses.filter((seen) => seen === status).length;
    expect(count(200) + count(503)).toBe(200);
    expect(count(200)).toBeGreaterThanOrEqual(19);
    expect(count(503)).toBeGreaterThan(0);
    const again = await Promise.all(Array.from({ length: 19 }, async () => (await post(url)).status));
    expect(again).toEqual(Array(19).fill(200));
  });

  test("a client that hangs up gives its place back, and the work with it", async () => {
    const { server, url } = await serve(
      "--limit-concurrency",
      "2",
      "--cpu-bound",
      "--inference-time",
      "60",
      "--threads",
      "1",
    );
    const { hangUp } = await keepOneOpen(url);
    await hangUp();
    await server.waitFor(/ - - ms$| POST \/iris-classifier - /);
    expect((await post(url, null)).status).toBe(422);
  });
});

test("--threads 0 works on the event loop: a second request is not even read", async () => {
  const { url } = await serve(
    "--limit-concurrency",
    "2",
    "--cpu-bound",
    "--inference-time",
    "1",
    "--threads",
    "0",
  );
  const statuses = await Promise.all([post(url), post(url)]);
  expect(statuses.map(({ status }) => status)).toEqual([200, 200]);
});

describe("environment variables", () => {
  const none = { HOST: "", PORT: "", LIMIT_CONCURRENCY: "", INFERENCE_TIME: "", CPU_BOUND: "", THREADS: "" };

  test("an empty one is no value", async () => {
    const server = start(SERVER, [], { env: none });
    servers.push(server);
    // Another program may have the port; then the refusal names it.
    await server.waitFor(/^Model \w+ serves on http:\/\/127\.0\.0\.1:8000 |^Port 8000 is in use/);
  });

  test("CPU_BOUND=false is false: the server sleeps, and hears the next request", async () => {
    const env = { ...none, LIMIT_CONCURRENCY: "2", INFERENCE_TIME: "600", CPU_BOUND: "false", THREADS: "0" };
    const server = start(SERVER, ["--port", "0"], { env });
    servers.push(server);
    const [, url = ""] = await server.waitFor(SERVES);
    const { refusal, hangUp } = await keepOneOpen(url);
    expect(refusal.headers.get("retry-after")).toBe("600");
    await hangUp();
  });

  test.each([
    ["PORT", "http", 'a whole number from 0 to 65535, got "http"'],
    [
      "LIMIT_CONCURRENCY",
      "1",
      '2 or more: a request counts itself, so 1 would refuse every request, got "1"',
    ],
    ["INFERENCE_TIME", "1e3", 'a number of seconds from 0 to 3600, got "1e3"'],
    ["CPU_BOUND", "yes", 'true, false, 1 or 0, got "yes"'],
    ["THREADS", "-1", 'a whole number from 0 to 256, got "-1"'],
  ])("%s=%s is refused by its name", async (name, value, expected) => {
    const { exitCode, stderr } = await run(SERVER, [], { env: { [name]: value } });
    expect(stderr).toBe(`Expected the environment variable ${name} to be ${expected}\n`);
    expect(exitCode).toBe(2);
  });

  test("HOST, which conda sets too, is named when nobody can listen there", async () => {
    const args = ["--port", "0"];
    const { exitCode, stderr } = await run(SERVER, args, { env: { HOST: "x86_64-conda-linux-gnu" } });
    expect(stderr).toMatch(
      /^Cannot listen on x86_64-conda-linux-gnu, port 0 \(\w+\): check the environment variable HOST/,
    );
    expect(exitCode).toBe(1);
    const { stderr: blamesOption } = await run(SERVER, [...args, "--host", "192.0.2.1"]);
    expect(blamesOption).toMatch(/^Cannot listen on 192\.0\.2\.1, port 0 \(EADDRNOTAVAIL\): check --host/);
  });
});

describe("it does not start", () => {
  test("a port in use is one line with the way out", async () => {
    const { url } = await serve();
    const { port } = new URL(url);
    const { exitCode, stderr } = await run(SERVER, ["--port", port]);
    expect(exitCode).toBe(1);
    const other = `--port ${Number(port) + 1}`;
    expect(stderr).toBe(
      `Port ${port} is in use: stop the other program, or take another port with ${other}\n`,
    );
  });

  test.each([
    [["--port", "99999"], "Expected a whole number from 0 to 65535."],
    [["--inference-time", "-1"], "Expected a number of seconds from 0 to 3600."],
    [["--limit-concurrency", "two"], "Expected a whole number of at least 2."],
    [
      ["--limit-concurrency", "1"],
      "Expected 2 or more: a request counts itself, so 1 would refuse every request.",
    ],
    [["--cors", "localhost:5173"], "Expected an origin such as http://localhost:5173"],
    [["--cors", "http://localhost:5173/"], 'no "/" at its end'],
  ])("%j is refused with exit code 2", async (args, message) => {
    expect(await run(SERVER, args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });
});
