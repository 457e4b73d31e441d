/**
 * Keeps pages of other sites out. A page that a student has open elsewhere can send requests to localhost; it
 * must not be able to kill workers or send tasks. And a name that its owner points to 127.0.0.1 (DNS
 * rebinding) must not make such a page one of ours, so the header Host is looked at, too.
 */
import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { Problem } from "./problem.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const READS = ["GET", "HEAD", "OPTIONS"];

export interface GuardOptions {
  /** The address that the gateway listens on. */
  host: string;
  /** Further names under which it may be asked: "name" or "name:port". */
  allowed: readonly string[];
}

/** Whom the request is for. Throws Problem where it does not say so, or says two things (RFC 9112, 3.2). */
function authorityOf({ url = "", rawHeaders }: IncomingMessage): string {
  const hosts = rawHeaders.filter(
    (_, index) => index % 2 === 1 && /^host$/i.test(rawHeaders[index - 1] ?? ""),
  );
  const [host] = hosts;
  if (host === undefined || hosts.length > 1)
    throw new Problem("bad-request", `Expected one header Host, got ${hosts.length}`);
  // To a proxy the whole URL is sent, and then Host does not count.
  return /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? host;
}

/**
 * Returns a function that throws a Problem for a request that is not for this gateway, or not from its pages.
 */
export function createGuard({ host, allowed }: GuardOptions): (request: FastifyRequest) => void {
  const listens = host.includes(":") ? `[${host}]` : host;
  const own = new Set([...LOOPBACK, listens.toLowerCase()]);
  // A proxy in front of the gateway has another port.
  const atAnyPort = new Set(allowed.map((name) => name.toLowerCase()));
  const isOurs = (authority: string, port = 80) => {
    const name = authority.toLowerCase();
    const [, bare = name, given = "80"] = /^(.*):(\d+)$/.exec(name) ?? [];
    return atAnyPort.has(name) || atAnyPort.has(bare) || (own.has(bare) && Number(given) === port);
  };
  return (request) => {
    const port = request.socket.localPort;
    const authority = authorityOf(request.raw);
    if (!isOurs(authority, port)) {
      const got = JSON.stringify(authority.slice(0, 80));
      const detail = `Expected the header Host to name this gateway, got ${got}`;
      throw new Problem("wrong-host", `${detail}. For another name, start it with --allow-host`);
    }
    if (READS.includes(request.method)) return;
    const { origin, "sec-fetch-site": site } = request.headers;
    const from = origin === undefined ? undefined : /^https?:\/\/(.+)$/i.exec(origin)?.[1];
    if ((origin !== undefined && (from === undefined || !isOurs(from, port))) || site === "cross-site") {
      throw new Problem(
        "foreign-origin",
        "Expected a request of this gateway's own page, got one of another site",
      );
    }
  };
}
