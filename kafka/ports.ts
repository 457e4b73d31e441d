/** Ports for brokers that live as long as a test. */
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * A port of localhost that nobody uses, and the one after it as well, for a broker's clients and its controller.
 * While this process lives no other caller is given them, in this process or another. They lie below 32768, where
 * Linux begins to take ports for outgoing connections: a broker that restarts could find its port taken.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 2 * randomInt(10_000, 16_384);
    if ((await reserve(port)) && (await canListen(port)) && (await canListen(port + 1))) return port;
  }
}

/** True when some program accepts connections on this port of localhost. */
export async function portAnswers(port: number): Promise<boolean> {
  const socket = connect({ host: "localhost", port });
  const connected = await settles(once(socket, "connect"));
  socket.destroy();
  return connected;
}

/**
 * The reservation is a UDP socket on the same number: UDP and TCP ports do not disturb each other, the system
 * gives it to one process only, and takes it back however the process ends.
 */
async function reserve(port: number): Promise<boolean> {
  const socket = createSocket("udp4").unref();
  socket.bind({ port, address: "127.0.0.1", exclusive: true });
  return await settles(once(socket, "listening"));
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer().listen({ port, host: "127.0.0.1", exclusive: true });
  if (!(await settles(once(server, "listening")))) return false;
  await once(server.close(), "close");
  return true;
}

/** True if the awaited event came, false if an error event came first. */
async function settles(event: Promise<unknown>): Promise<boolean> {
  return await event.then(
    () => true,
    () => false,
  );
}
