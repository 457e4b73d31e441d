/** Kafka's Java programs: the tool that formats a folder, and the broker itself. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { open, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { ProgramError } from "../common/errors.ts";
import { shown } from "./data_folder.ts";
import { endWithThisProcess, LONGEST_STOP_MS } from "./reaper.ts";

/** One for all brokers here, so that several can form one cluster. */
const CLUSTER_ID = "iris-stages-kafka-0001";
/** Warnings and errors, with their time. */
const LOGGING = ["defaultLogLevel=warn", "showDateTime=true", "dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS"].map(
  (setting) => `-Dorg.slf4j.simpleLogger.${setting}`,
);
/**
 * The exit codes of a JVM that obeys a signal: 128 and its number. Its log may have an old, unrelated error.
 */
const ASKED_TO_END: Record<number, string> = { 129: "SIGHUP", 130: "SIGINT", 143: "SIGTERM" };
const SMALLEST_ROOM_BYTES = 1_000_000;
/** More than the last error and its stack trace. */
const LOG_TAIL_BYTES = 65_536;

export interface KafkaJava {
  /** The command that starts Java. */
  java: string;
  /** The folder of Kafka's jars. */
  jars: string;
  dataDir: string;
  /** As the JVM writes it, for example 256m. */
  heap: string;
}

export interface Jvm {
  pid: number;
  /** Resolves with the reason when it has ended, whoever ended it. */
  exited: Promise<string>;
  /** Asks it to end, and uses force after 10 seconds. Resolves when it has ended. */
  stop(): Promise<void>;
  /** Ends it on the spot, as a power cut would. */
  kill9(): Promise<void>;
}

/** Prepares the folder for its first broker. Throws ProgramError with Kafka's reason. */
export async function format(kafka: KafkaJava): Promise<void> {
  const tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", "server.properties"];
  const result = await execa(kafka.java, [...jvmOptions(kafka), ...tool], {
    ...place(kafka),
    reject: false,
    all: true,
  });
  if (!result.failed) return;
  const ending = result.signal === undefined ? `exit code ${result.exitCode}` : `killed by ${result.signal}`;
  const reason = lastError(result.all ?? "") ?? ending;
  throw new ProgramError(`Kafka could not prepare ${shown(kafka.dataDir)}: ${reason}`, {
    cause: result,
    kind: "kafka_failed",
  });
}

/**
 * Starts the broker. The log goes straight into the file, so that it is complete even when this process ends.
 */
export async function launch(kafka: KafkaJava, logFile: string): Promise<Jvm> {
  const log = openSync(logFile, "a");
  const { size } = await stat(logFile);
  const child = spawn(kafka.java, [...jvmOptions(kafka), "kafka.Kafka", "server.properties"], {
    ...place(kafka),
    stdio: ["ignore", log, log],
    windowsHide: true,
    // A terminal's Ctrl-C is for whoever has started it: programs that use it are to end before.
    detached: process.platform !== "win32",
  });
  closeSync(log);
  await once(child, "spawn");
  const pid = child.pid as number;
  const dismissReaper = endWithThisProcess(pid);
  const exited = once(child, "exit").then(async ([exitCode, signal]) => {
    dismissReaper();
    if (signal !== null) return `killed by ${signal}`;
    const asked = ASKED_TO_END[exitCode];
    if (asked !== undefined) return `ended by ${asked}`;
    // A temporary folder may be gone already.
    const written = await readTail(logFile, size).catch(() => "");
    return (
      lastError(written) ?? ((await isDiskFull(kafka.dataDir)) ? "the disk is full" : `exit code ${exitCode}`)
    );
  });
  return {
    pid,
    exited,
    async stop() {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), LONGEST_STOP_MS);
      await exited;
      clearTimeout(force);
    },
    async kill9() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/**
 * With the first of the two JIT compilers alone Kafka answers after 2.2 s instead of 3 s, on two cores. The
 * JVM itself expands the *.
 */
function jvmOptions({ heap, jars }: KafkaJava): string[] {
  return [`-Xmx${heap}`, "-XX:TieredStopAtLevel=1", ...LOGGING, "-cp", join(jars, "*")];
}

/** In the data folder, whose name need not pass through Java's command line then. */
function place({ dataDir }: KafkaJava) {
  // On Linux Java uses the locale's encoding for file names. In the locale C it cannot open a folder such as
  // Zoë.
  const env = process.platform === "linux" ? { ...process.env, LC_ALL: "C.UTF-8" } : process.env;
  return { cwd: dataDir, env };
}

/** Then Kafka could not even write to its log why it ended. */
async function isDiskFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder).catch(() => ({
    bavail: Number.POSITIVE_INFINITY,
    bsize: 1,
  }));
  return bavail * bsize < SMALLEST_ROOM_BYTES;
}

/** What was written to the log since it had `from` bytes, or the end of it. */
async function readTail(logFile: string, from: number): Promise<string> {
  const log = await open(logFile);
  try {
    const { size } = await log.stat();
    const start = Math.max(from, size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(Math.max(0, size - start)), {
      position: start,
    });
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await log.close();
  }
}

/**
 * Why Kafka ended, from its last error. Kafka's own exception says most. The one below it says less ("Address
 * already in use", but not which), and so do those around it.
 */
export function lastError(log: string): string | undefined {
  const lines = stripVTControlCharacters(log)
    .split("\n")
    .filter((line) => !/^\s+(at |\.\.\. )/.test(line));
  const begin = lines.findLastIndex((line) => line.includes(" ERROR "));
  const errors = lines
    .slice(Math.max(begin, 0))
    .filter((line) => / ERROR |\w(Exception|Error): |^Error/.test(line));
  const reason =
    errors.findLast((line) => line.startsWith("Caused by: org.apache.kafka.")) ??
    errors.findLast((line) => line.startsWith("Caused by: ")) ??
    errors.at(-1);
  return reason?.replace(/^.* ERROR \S+ - |^(Caused by: )?[\w.$]+(Exception|Error): /, "").trim();
}
