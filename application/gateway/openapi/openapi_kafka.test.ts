/** The OpenAPI document against a real gateway: each of its examples, and each route that there is. */
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { loadClassifier } from "../../../common/classifier.ts";
import { formatFailure, formatResult } from "../../../common/messages.ts";
import { type KafkaSandbox, openSandbox } from "../../../lab/harness/kafka_sandbox.ts";
import { storedRows } from "../../../lab/harness/lines.ts";
import { type Gateway, startGateway } from "../../../tests/support/gateway.ts";
import { openApplicationKafka } from "../../open_kafka.ts";
import { CANCELLED } from "../../task_events.ts";
import { applicationTopics } from "../../topics.ts";
import { openView } from "../../view/open_view.ts";
import { watchQueue } from "../queue/watch_queue.ts";
import { createGateway } from "../server.ts";
import { type Answer, EXAMPLE_TASKS, type Example } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";

const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

let sandbox: KafkaSandbox;
let gateway: Gateway;

/** The world of the examples: see EXAMPLE_TASKS. */
beforeAll(async () => {
  sandbox = await openSandbox(inject("kafkaBrokers"));
  gateway = await startGateway(sandbox);
  const { unknown, ...tasks } = EXAMPLE_TASKS;
  await sandbox.send(
    "tasks",
    Object.values(tasks).map((task_id) => JSON.stringify({ task_id, X })),
  );
  const { answered, failed, cancelled } = EXAMPLE_TASKS;
  const facts = { worker: "worker-2", duration_ms: 1009, started_at: Date.now() };
  await sandbox.send("results", [
    formatResult({ task_id: answered, X }, loadClassifier().predict(X), facts),
    formatFailure({ task_id: failed, error: { code: "invalid_input", message: "no" }, ...facts }),
    formatFailure({ task_id: cancelled, error: { code: CANCELLED, message: "cancelled" } }),
  ]);
  await setAside();
  const persister = sandbox.start("application/persister.ts", ["--db", gateway.db]);
  await storedRows(persister, 1);
  await persister.stop();
  await gateway.ready();
});
afterAll(() => sandbox.close());

async function setAside(): Promise<void> {
  const producer = sandbox.kafka.producer();
  await producer.connect();
  const headers = {
    "original-topic": sandbox.topic("tasks"),
    "original-partition": "3",
    "original-offset": "17",
    reason: 'Expected the message to be JSON, got "rubbish"',
  };
  await producer.send({ topic: sandbox.topic("tasks-dlt"), messages: [{ value: "rubbish", headers }] });
  await producer.disconnect();
}

const EXAMPLES = OPERATIONS.flatMap((operation) =>
  operation.examples.map((example) => ({
    operation,
    example,
    name: `${operation.method} ${operation.path}: ${example.name}`,
  })),
);

test.each(EXAMPLES)("$name", async ({ operation: { method, path, answers }, example }) => {
  const { status, body, headers = {} } = example;
  const answer = await send(method, pathOf(path, example), headers, body);
  expect({ status: answer.status, text: answer.text }).toEqual({ status, text: expect.anything() });
  const { schema, contentType, headers: told = {} } = answers[status] as Answer;
  const type = answer.headers.get("content-type")?.split(";")[0];
  if (schema !== undefined || contentType !== undefined) expect(type).toBe(contentType ?? "application/json");
  for (const header of Object.keys(told)) expect(answer.headers.get(header), header).not.toBeNull();
  if (schema === undefined) return;
  const parsed = v.safeParse(schema, JSON.parse(answer.text));
  expect(parsed.issues).toBeUndefined();
  // A member that the schema does not name is not described.
  expect(parsed.output).toEqual(JSON.parse(answer.text));
});

test("every route is in the document, and the other way round", async () => {
  const kafka = await openApplicationKafka(sandbox.env, "routes");
  const view = await openView({
    file: join(gateway.folder, "routes.db"),
    settings: kafka.settings,
    keepMs: 1000,
  });
  const queue = watchQueue(kafka, view);
  const topics = applicationTopics(sandbox.prefix);
  const files = { resultsFile: gateway.db, keepMs: 1000 };
  const routes = new Set<string>();
  const app = createGateway(
    { kafka, topics, producer: await kafka.producer(), view, queue, ...files },
    { host: "localhost", allowed: [] },
    (methods, path) => {
      // HEAD comes with GET by itself, and what the page loads is no interface.
      const own = [methods].flat().filter((method) => method !== "HEAD" && !path.startsWith("/board/"));
      for (const method of own) routes.add(`${method} ${path}`);
    },
  );
  await app.ready();
  await app.close();
  await queue.close();
  await view.close();
  await kafka.close();
  expect([...routes].sort()).toEqual(OPERATIONS.map(({ method, path }) => `${method} ${path}`).sort());
});

/** A stream never ends: its head is enough. */
async function send(method: string, path: string, headers: Record<string, string>, body: unknown) {
  const hangUp = new AbortController();
  const response = await fetch(gateway.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: hangUp.signal,
  });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const text = isStream ? "" : await response.text();
  if (isStream) hangUp.abort();
  return { status: response.status, headers: response.headers, text };
}

function pathOf(path: string, { params = {}, query = {} }: Example): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(query).toString();
  return search === "" ? filled : `${filled}?${search}`;
}
