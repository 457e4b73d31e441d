import { expect, test } from "vitest";
import { lastError } from "./jvm.ts";

const BIND = `2026-11-25 02:53:27.618 [main] ERROR kafka.network.DataPlaneAcceptor - Unable to start acceptor for PLAINTEXT
org.apache.kafka.common.KafkaException: Socket server failed to bind to localhost:27870: Address already in use.
	at org.apache.kafka.network.SocketServer.openServerSocket(SocketServer.java:100)
Caused by: java.net.BindException: Address already in use
	... 18 more
2026-11-25 02:53:27.727 [main] ERROR kafka.Kafka$ - Exiting Kafka due to fatal exception during startup.
java.lang.RuntimeException: Received a fatal error while waiting for all of the SocketServer Acceptors to be started
Caused by: java.lang.RuntimeException: Unable to start acceptor for PLAINTEXT
	... 6 more
Caused by: org.apache.kafka.common.KafkaException: Socket server failed to bind to localhost:27870: Address already in use.
	... 16 more
Caused by: java.net.BindException: Address already in use
	... 18 more
2026-11-25 02:53:27.888 [kafka-shutdown-hook] WARN org.apache.kafka.clients.NetworkClient - Attempting to close
`;

test.each([
  [
    "the exception of Kafka itself, and not what is around it",
    BIND,
    "Socket server failed to bind to localhost:27870: Address already in use.",
  ],
  [
    "the last error, and not one of long ago",
    `${BIND}2026-11-25 09:00:00.000 [main] ERROR kafka.Kafka$ - No space left on device\n`,
    "No space left on device",
  ],
  [
    "a tool's exception, which is no line of a log",
    'Exception in thread "main" java.nio.file.InvalidPathException: Malformed input\n\tat java.base/a.b(C.java:1)\n',
    'Exception in thread "main" java.nio.file.InvalidPathException: Malformed input',
  ],
  [
    "Java's own error",
    "Error: Could not find or load main class kafka.Kafka\n",
    "Error: Could not find or load main class kafka.Kafka",
  ],
  ["no error at all", "2026-11-25 02:53:24.780 [main] WARN kafka.Kafka$ - Slow\n", undefined],
  ["an empty log", "", undefined],
])("why Kafka ended: %s", (_, log, reason) => {
  expect(lastError(log)).toBe(reason);
});
