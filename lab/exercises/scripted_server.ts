/**
 * A server for stage 3's client: it gives the answers that it is told to, in their order, and notes the
 * requests.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Classifier } from "../../common/classifier.ts";
import { ExpectationError } from "../../common/cli.ts";
import { parseMeasurements } from "../../common/iris.ts";

/**
 * One answer: its status, and for 503 the seconds in its header Retry-After. As text: 200, 422, 503, 503:2.
 */
export interface ScriptedAnswer {
  status: 200 | 422 | 503;
  retryAfter?: number;
}

export interface ScriptedServer {
  url: string;
  /** Each request's body, and when it came, in milliseconds. */
  requests: { body: string; at: number }[];
  close(): Promise<void>;
}

const ERRORS = {
  422: { code: "invalid_input", message: "Expected something else" },
  503: { code: "at_limit", message: "The server is at its limit" },
};

/** Reads the text of an answer. */
export function parseScriptedAnswer(text: string): ScriptedAnswer {
  const [, retryAfter] = /^503:(\d+)$/.exec(text) ?? [];
  if (retryAfter !== undefined) return { status: 503, retryAfter: Number(retryAfter) };
  const status = ([200, 422, 503] as const).find((known) => String(known) === text);
  if (status === undefined) throw new ExpectationError("answers such as 200, 422, 503 or 503:2");
  return { status };
}

/** The text of an answer. */
export function formatScriptedAnswer({ status, retryAfter }: ScriptedAnswer): string {
  return retryAfter === undefined ? String(status) : `${status}:${retryAfter}`;
}

/** Serves on 127.0.0.1; port 0 takes a free one. After the last answer of the script it repeats that. */
export async function serveScript(
  script: readonly ScriptedAnswer[],
  { predict }: Classifier,
  port = 0,
): Promise<ScriptedServer> {
  const requests: ScriptedServer["requests"] = [];
  const server = createServer(async (request, response) => {
    const at = performance.now();
    const chunks: Buffer[] = await request.toArray();
    const body = Buffer.concat(chunks).toString();
    requests.push({ body, at });
    const { status, retryAfter } = script[requests.length - 1] ?? script.at(-1) ?? { status: 503 };
    if (retryAfter !== undefined) response.setHeader("Retry-After", String(retryAfter));
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(status === 200 ? predictBody(body) : { error: ERRORS[status] }));
  });

  function predictBody(body: string): object {
    const measurements = parseMeasurements(parseJson(body));
    return measurements.ok ? predict(measurements.value) : { error: ERRORS[422] };
  }

  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON, so no measurements either.
  }
}
