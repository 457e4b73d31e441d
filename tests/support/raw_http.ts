/** HTTP as bytes on a socket, for what no HTTP client would send: broken, half, slow, or never read. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  /** 0 if what came is no HTTP. */
  status: number;
  /** Names in lower case; of a repeated one the last. */
  headers: Record<string, string>;
  body: string;
  /** All that came, as it came. */
  raw: string;
}

/** Sends these bytes, and resolves with the answer when the server has closed the connection. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = await openSocket(port);
  socket.write(bytes);
  return await readToClose(socket);
}

/** A request as text; `Connection: close`, so that the server closes when it has answered. */
export function rawRequest(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
): string {
  const all = { host: "localhost", connection: "close", ...headers };
  const length = body === "" || headers["transfer-encoding"] !== undefined ? {} : bodyLength(body);
  const lines = Object.entries({ ...length, ...all }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

function bodyLength(body: string): Record<string, string> {
  return { "content-length": String(Buffer.byteLength(body)) };
}

/** A connection to this port of the machine. It reads nothing before somebody listens. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.pause();
  await once(socket, "connect");
  // A server that answers and closes before it has read everything: what is still written then fails.
  socket.on("error", () => {});
  return socket;
}

/** What comes until the server closes. A server that resets the connection has closed it, too. */
export async function readToClose(socket: Socket): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.once("end", () => socket.end());
  socket.resume();
  // Not once(): that would reject when the server resets the connection.
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return parseAnswer(Buffer.concat(chunks).toString());
}

/** Takes an answer apart. */
export function parseAnswer(raw: string): RawAnswer {
  const [head = "", ...rest] = raw.replace(/^HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n/, "").split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name = "", ...value] = line.split(":");
      return [name.toLowerCase(), value.join(":").trim()];
    }),
  );
  const text = rest.join("\r\n\r\n");
  const body = headers["transfer-encoding"] === "chunked" ? withoutChunks(text) : text;
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0), headers, body, raw };
}

function withoutChunks(text: string): string {
  let body = "";
  for (let rest = Buffer.from(text); ; ) {
    const lineEnd = rest.indexOf("\r\n");
    const length = Number.parseInt(rest.subarray(0, lineEnd).toString(), 16);
    if (lineEnd < 0 || !(length > 0)) return body;
    body += rest.subarray(lineEnd + 2, lineEnd + 2 + length).toString();
    rest = rest.subarray(lineEnd + 2 + length + 2);
  }
}
