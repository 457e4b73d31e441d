/** The sockets of a connection to Kafka, and which broker does not answer. */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { ISocketFactory } from "kafkajs";

const KEEP_ALIVE_MS = 60_000;

export interface Sockets {
  /** For kafkajs' option socketFactory. */
  create: ISocketFactory;
  /** "host:port" of the brokers that were tried and have not been reached. */
  unreached(): string[];
}

/**
 * Makes sockets as kafkajs does (network/socketFactory.js), but without a delay before small requests, and
 * remembers which of them connected.
 */
export function watchSockets(): Sockets {
  const unreached = new Set<string>();
  return {
    unreached: () => [...unreached],
    create: ({ host, port, ssl, onConnect }) => {
      const address = `${host}:${port}`;
      unreached.add(address);
      const connected = () => {
        unreached.delete(address);
        onConnect();
      };
      const name = isIP(host) === 0 ? { servername: host } : {};
      const socket: Socket = ssl
        ? connectTls({ host, port, ...name, ...(ssl as ConnectionOptions) }, connected)
        : connectTcp({ host, port }, connected);
      // In an outage kafkajs adds hundreds of listeners to one socket, and Node would warn of a leak. They go
      // with the socket.
      socket.setMaxListeners(0);
      // kafkajs leaves Nagle's algorithm on, which holds a request back while another one travels.
      return socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true);
    },
  };
}
