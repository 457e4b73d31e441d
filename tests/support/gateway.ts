/** A gateway as what it is, a process, and a client that asks it. */
import { join } from "node:path";
import type { KafkaSandbox } from "../../lab/harness/kafka_sandbox.ts";
import type { Program } from "../../lab/harness/programs.ts";
import { eventually } from "./kafka_state.ts";

export interface GatewayAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** The body, if it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects in it.
  json: any;
}

export interface Gateway {
  program: Program;
  url: string;
  port: number;
  /** A `body` that is given is sent as JSON; a text is sent as it is. */
  ask(
    method: string,
    path: string,
    request?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<GatewayAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<GatewayAnswer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<GatewayAnswer>;
  /** Resolves when its view has caught up with Kafka. */
  ready(): Promise<void>;
}

/** Starts one whose files lie in `folder`: its view in "gateway", the persister's database "predictions.db". */
export async function startGateway(
  sandbox: KafkaSandbox,
  folder: string,
  args: string[] = [],
): Promise<Gateway> {
  const files = ["--data", join(folder, "gateway"), "--db", join(folder, "predictions.db")];
  const program = sandbox.start("application/gateway/program.ts", ["--port", "0", ...files, ...args]);
  const [, url = "", port = ""] = await program.waitFor(/^Gateway on (http:\/\/\S+:(\d+)) /);

  const ask: Gateway["ask"] = async (method, path, { body, headers = {} } = {}) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const init = { method, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body: text }) };
    const response = await fetch(url + path, init);
    return read(response);
  };
  const get: Gateway["get"] = (path, headers = {}) => ask("GET", path, { headers });
  return {
    program,
    url,
    port: Number(port),
    ask,
    get,
    post: (path, body, headers = {}) => ask("POST", path, { body, headers }),
    ready: () => eventually(async () => (await get("/health/ready")).status === 200),
  };
}

async function read(response: Response): Promise<GatewayAnswer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = /\bjson\b/.test(headers.get("content-type") ?? "") && text !== "";
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
}
