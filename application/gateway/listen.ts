/** Begins to listen, or says in one line why that failed. */
import { once } from "node:events";
import { type AddressInfo, createServer, isIPv6 } from "node:net";
import type { FastifyInstance } from "fastify";
import { ProgramError } from "../../common/errors.ts";

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

/** Resolves with the address, as a person would type it. Throws ProgramError. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new ProgramError(explainListenError(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
  const [address] = app.addresses() as AddressInfo[];
  const shown = isIPv6(host) ? `[${host}]` : host;
  return `http://${LOOPBACK.includes(host) ? "localhost" : shown}:${address?.port ?? port}`;
}

/** Throws the same error as listen() would, if it would. */
export async function assertCanListen(host = "127.0.0.1", port: number): Promise<void> {
  const server = createServer().listen({ host, port, exclusive: true });
  try {
    await once(server, "listening");
  } catch (error) {
    throw new ProgramError(explainListenError(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
  await once(server.close(), "close");
}

function explainListenError({ code }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === "EADDRINUSE") {
    const other = port === 65_535 ? port - 1 : port + 1;
    return `Port ${port} is in use: stop the other program, or take another port with --port ${other}`;
  }
  if (code === "EACCES") return `Port ${port} needs more rights: take one above 1023, as with --port 8080`;
  return `Cannot listen on ${host}, port ${port} (${code}): check --host, or take --host 127.0.0.1`;
}
