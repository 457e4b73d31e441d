/** Stage 3 at its limit: one server, two clients at once, one answer and one 503. */
import type { Measurements } from "../../common/iris.ts";
import { FIELDS } from "../../common/iris.ts";
import { check, startShown } from "./narrate.ts";
import { type RungReport, secondsSince } from "./report.ts";

export interface RefusalOptions {
  inferenceTime: number;
  /** 0 computes on the server's event loop; undefined leaves the server its default. */
  threads?: number | undefined;
  question: Measurements;
}

/** Shows it with real processes, and checks the claims. */
export async function showRefusal({ inferenceTime, threads, question }: RefusalOptions): Promise<RungReport> {
  const server = startShown("server", "3_client_server/server.ts", [
    ...["--port", "0", "--limit-concurrency", "2", "--cpu-bound", "--inference-time", String(inferenceTime)],
    ...(threads === undefined ? [] : ["--threads", String(threads)]),
  ]);
  const [, url = ""] = await server.waitFor(/serves on (http:\S+)/);
  const start = performance.now();
  const input = `${FIELDS.map((field) => question[field]).join(",")}\n`;
  const clients = ["client 1", "client 2"].map((name) =>
    startShown(name, "3_client_server/client.ts", ["--url", url], { input }),
  );
  const exits = await Promise.all(clients.map((client) => client.exited));
  const elapsed = secondsSince(start);
  const stopped = await server.stop();

  const answered = exits.filter((exit) => exit.stdout.startsWith("Iris type: ")).length;
  const refused = exits.filter((exit) => exit.stderr.startsWith("503:")).length;
  const held = [
    check("one client has its answer", answered === 1, `${answered} answers`),
    check("the other was refused with 503", refused === 1, `${refused} refusals`),
    check("the server stopped cleanly", stopped.exitCode === 0, `exit code ${stopped.exitCode}`),
  ];
  return {
    held: !held.includes(false),
    secondsToAnswer: elapsed,
    questionsPerSecond: answered / elapsed,
    refused,
    lost: refused, // Whoever was refused has to ask again: the server has kept nothing.
  };
}
