/** Serves the board: a page of plain modules, without a build. What it needs lies on this machine. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

const FOLDER = fileURLToPath(new URL("../board", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};
/** Views have addresses of their own behind the #, so one page serves both. */
const PAGES = ["/", "/wall"];

/**
 * A browser then loads nothing from elsewhere, runs no script that stands in the page (a name from Kafka
 * might hold one), and shows the page in no frame (in which another site could lay a picture over a button).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

interface BoardFile {
  body: Buffer;
  type: string;
  etag: string;
}

/** Each file has a route of its own: there is no path to be tricked with. */
export function addBoardRoutes(app: FastifyInstance): void {
  for (const [path, file] of readBoardFiles()) {
    app.get(path, (request, reply) => sendFile(file, request, reply));
  }
}

/** The board's files by the path under which they are served, as they are now. */
function readBoardFiles(): Map<string, BoardFile> {
  const files = new Map<string, BoardFile>();
  for (const entry of readdirSync(FOLDER, { recursive: true, withFileTypes: true })) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/board/${relative(FOLDER, path).split(sep).join("/")}`, readFile(path, type));
  }
  const preact = fileURLToPath(import.meta.resolve("htm/preact/standalone"));
  files.set("/board/vendor/preact.js", readFile(preact, TYPES[".js"] ?? ""));
  const page = readFile(join(FOLDER, "index.html"), TYPES[".html"] ?? "");
  for (const path of PAGES) files.set(path, page);
  return files;
}

function readFile(path: string, type: string): BoardFile {
  const body = readFileSync(path);
  const hash = createHash("sha256").update(body).digest("base64url");
  return { body, type, etag: `"${hash.slice(0, 16)}"` };
}

function sendFile(
  { body, type, etag }: BoardFile,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply.headers({
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    // The browser keeps the file and asks each time whether it is still the same.
    "cache-control": "no-cache",
    etag,
  });
  const known = request.headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known?.includes(etag)) return reply.code(304).send();
  return reply.type(type).send(body);
}
