/** A gateway as what it is, a process, and a client that asks it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../kafka/ports.ts";
import type { KafkaSandbox } from "../../lab/harness/kafka_sandbox.ts";
import { GATEWAY_LISTENS } from "../../lab/harness/lines.ts";
import type { Exit, Program, StartOptions } from "../../lab/harness/programs.ts";
import { eventually } from "./kafka_state.ts";

export const GATEWAY = "application/gateway/program.ts";

export interface GatewayAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** The body, if it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects in it.
  json: any;
}

export interface GatewayOptions {
  /** Further options of the program. */
  args?: string[];
  /** A free one if not given; restart() takes the same again. */
  port?: number;
  /** Its files: a new folder if not given, which is deleted when the sandbox is closed. */
  folder?: string;
  start?: StartOptions;
}

type Headings = Readonly<Record<string, string>>;

export interface Gateway {
  /** The process; after restart() the new one. */
  readonly program: Program;
  /** As it says itself, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Holds its view in "gateway", and the persister's database. */
  readonly folder: string;
  /** The persister's database. It is there if a persister was started with it. */
  readonly db: string;
  /** A `body` that is given is sent as JSON; a text is sent as it is. */
  ask(method: string, path: string, body?: unknown, headers?: Headings): Promise<GatewayAnswer>;
  get(path: string, headers?: Headings): Promise<GatewayAnswer>;
  post(path: string, body?: unknown, headers?: Headings): Promise<GatewayAnswer>;
  del(path: string, headers?: Headings): Promise<GatewayAnswer>;
  /** Resolves when its view has caught up with Kafka. */
  ready(): Promise<void>;
  /** Ends it as Ctrl-C would. */
  close(): Promise<Exit>;
  /** Ends it as kill -9 would. */
  kill(): Promise<Exit>;
  /** Starts it again, with the same folder and port; one that still runs is closed first. */
  restart(args?: string[]): Promise<void>;
}

/** Starts a gateway on a sandbox, and resolves when it listens. The sandbox's close() ends it, too. */
export async function startGateway(sandbox: KafkaSandbox, options: GatewayOptions = {}): Promise<Gateway> {
  const port = options.port ?? (await freePort());
  const folder = options.folder ?? newFolder(sandbox);
  const db = join(folder, "predictions.db");
  const own = ["--port", String(port), "--data", join(folder, "gateway"), "--db", db];

  async function start(args: string[] = []): Promise<{ program: Program; url: string }> {
    const program = sandbox.start(GATEWAY, [...own, ...args], options.start);
    const [, url = ""] = await program.waitFor(GATEWAY_LISTENS);
    return { program, url };
  }
  let { program, url } = await start(options.args);

  async function ask(method: string, path: string, body?: unknown, headers: Headings = {}) {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const init = { method, headers: { ...type, ...headers }, ...(body === undefined ? {} : { body: text }) };
    return readAnswer(await fetch(url + path, init));
  }
  const get = (path: string, headers?: Headings) => ask("GET", path, undefined, headers);

  return {
    get program() {
      return program;
    },
    get url() {
      return url;
    },
    ...{ port, folder, db, ask, get },
    post: (path, body, headers) => ask("POST", path, body, headers),
    del: (path, headers) => ask("DELETE", path, undefined, headers),
    ready: () => eventually(async () => (await get("/health/ready")).status === 200),
    close: () => program.stop(),
    kill: () => program.kill(),
    async restart(args = options.args) {
      await program.stop();
      ({ program, url } = await start(args));
    },
  };
}

function newFolder(sandbox: KafkaSandbox): string {
  const folder = mkdtempSync(join(tmpdir(), "iris-gateway-"));
  // Windows lets go of a killed program's files a moment later.
  sandbox.atClose(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** Reads an answer to its end. */
export async function readAnswer(response: Response): Promise<GatewayAnswer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = /\bjson\b/.test(headers.get("content-type") ?? "") && text !== "";
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** Resolves with the task when its status does not change any more. */
export async function untilFinal(gateway: Pick<Gateway, "get">, id: string) {
  for (;;) {
    const { status, json, text } = await gateway.get(`/tasks/${encodeURIComponent(id)}?wait=60`);
    if (status !== 200) throw new Error(`GET /tasks/${id}: ${status} ${text}`);
    if (["SUCCESS", "FAILED", "CANCELLED"].includes(json.status)) return json;
  }
}
