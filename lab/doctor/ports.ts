/** Who uses the ports that the programs here want. */
import { once } from "node:events";
import { createServer } from "node:net";
import { wholeNumber } from "../../common/cli.ts";
import { readVariable } from "../../common/environment.ts";
import { ProgramError } from "../../common/errors.ts";
import { portAnswers } from "../../kafka/ports.ts";
import { type Contact, isSilent, localPort } from "./broker.ts";
import { type Check, within } from "./check.ts";

const LIMIT_MS = 1500;

/** Stage 3's: PORT and HOST as its server reads them. */
export async function examineServerPort(): Promise<Check> {
  const name = "server port";
  const host = readVariable(process.env, "HOST") ?? "127.0.0.1";
  let port: number;
  try {
    port = readVariable(process.env, "PORT", wholeNumber(0, 65_535)) ?? 8000;
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    const blocks = { stages: [3], because: "PORT is wrong" };
    return { name, ok: false, detail: error.message, fix: "unset PORT", blocks };
  }
  const code = await tryToListen(port, host);
  if (code === undefined) return { name, ok: true, detail: `${port} is free` };
  if (code === "EADDRINUSE" && (await isOurServer(port)))
    return { name, ok: true, detail: `${port} is used by a server of stage 3` };
  const isTaken = code === "EADDRINUSE";
  const because = isTaken ? `port ${port} is taken` : `its server cannot listen on ${host}:${port}`;
  const other = await firstFree(Math.max(port, 8000) + 1, 1, 0);
  return {
    name,
    ok: false,
    detail: isTaken
      ? `${port} is used by another program`
      : `the server cannot listen on ${host}:${port} (${code})`,
    // EACCES: a port below 1024, or one that Windows keeps for itself.
    fix: isTaken || code === "EACCES" ? `npm run server -- --port ${other}` : "unset HOST",
    blocks: { stages: [3], because },
  };
}

/** Kafka's: the port of this machine that KAFKA_BROKERS names, or the usual one. */
export async function examineKafkaPort(kafka: Contact): Promise<Check> {
  const name = "kafka port";
  const port = localPort(kafka) ?? 9092;
  const isUsed = await answers(port);
  if (localPort(kafka) === undefined) {
    const state = isUsed ? "used" : "free";
    return { name, ok: true, detail: `${port} is ${state}; KAFKA_BROKERS names another` };
  }
  if (kafka.kafka !== undefined) return { name, ok: true, detail: `${port} is used by Kafka` };
  // A web server hangs up on Kafka's protocol, and so does a Kafka that wants a password.
  const isWeb = isUsed && !isSilent(kafka) && (await readHttp(port, "/")) !== undefined;
  if (isUsed && !isWeb && !isSilent(kafka))
    return { name, ok: true, detail: `${port} is used, as it seems by a Kafka: see broker` };

  const isFree = !isUsed && !(await answers(port + 1));
  if (isFree) return { name, ok: true, detail: `${port} is free` };
  const other = await firstFree(Math.min(port, 60_000) + 100, 100, 1);
  return {
    name,
    ok: false,
    detail: isWeb
      ? `${port} is used by a web server`
      : isUsed
        ? `${port} is used by something that does not speak Kafka, or not yet`
        : `${port} is free, but ${port + 1}, which npm run kafka takes for itself, is used`,
    fix: `npm run kafka -- --port ${other} # then export KAFKA_BROKERS=localhost:${other}`,
  };
}

/**
 * The error's code; undefined if it could. A look at who answers would miss the ports that Windows keeps for
 * itself.
 */
async function tryToListen(port: number, host: string): Promise<string | undefined> {
  const server = createServer().listen({ port, host });
  try {
    await once(server, "listening");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
  await once(server.close(), "close");
  return undefined;
}

async function isOurServer(port: number): Promise<boolean> {
  return (await readHttp(port, "/model-info"))?.includes('"format_version"') ?? false;
}

/** The page's text; undefined when no web server answers in time. */
async function readHttp(port: number, path: string): Promise<string | undefined> {
  try {
    const response = await fetch(`http://localhost:${port}${path}`, {
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return await response.text();
  } catch {
    return undefined;
  }
}

/** The first port from here, in such steps, that is free together with so many neighbours. */
async function firstFree(from: number, step: number, neighbours: number): Promise<number> {
  for (let port = from; port + neighbours < 65_535; port += step) {
    const used = await Promise.all(
      Array.from({ length: neighbours + 1 }, (_, index) => answers(port + index)),
    );
    if (!used.includes(true)) return port;
  }
  return 0;
}

async function answers(port: number): Promise<boolean> {
  if (port > 65_535) return false;
  // One that does not even refuse is not free.
  return (await within(LIMIT_MS, portAnswers(port))) ?? true;
}
