/** Which ports are free, and which are used. */
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * A port of localhost that nobody uses, for a broker's clients. The next one is free too, for its controller.
 * No other caller gets them while this process runs, in this process or another. They are below 32768: from
 * there on Linux takes ports for outgoing connections, and a broker that restarts could find its port taken.
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
 * The reservation is a UDP socket on the same number. UDP and TCP ports are independent of each other. The
 * system gives the UDP port to one process only, and takes it back however the process ends.
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
