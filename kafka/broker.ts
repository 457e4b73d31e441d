/** One real Kafka broker from its jars: format, start, wait until it answers, stop, kill, start again. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ProgramError } from "../common/errors.ts";
import { ensureJars, findJava } from "./jars.ts";
import { groupsAnswer } from "./readiness.ts";
import { endWithThisProcess } from "./reaper.ts";
import { logDir, type Settings, settingsText } from "./server_properties.ts";

/** One for all brokers here, so that several can form one cluster. */
const CLUSTER_ID = "iris-stages-kafka-0001";
const LONGEST_START_MS = 60_000;
const LONGEST_STOP_MS = 10_000;
/** Warnings and errors, with their time. */
const LOGGING = ["defaultLogLevel=warn", "showDateTime=true", "dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS"].map(
  (setting) => `-Dorg.slf4j.simpleLogger.${setting}`,
);

export interface BrokerOptions extends Settings {
  /** As the JVM writes it. */
  heap?: string;
}

export interface Broker {
  /** "localhost:port", the plain listener. */
  brokers: string;
  logFile: string;
  /** Of the JVM; another one after restart(). */
  readonly pid: number;
  /** Resolves with the reason, from the log if it names one, when the JVM is gone, whoever ended it. */
  readonly exited: Promise<string>;
  /** Ends it without a chance to clean up, as a power cut would. */
  kill9(): Promise<void>;
  /**
   * Ends it as SIGTERM does; by force if it has not ended after 10 seconds, as the last node of a cluster does not,
   * which waits for a majority that is gone. Stop the nodes of a cluster together.
   */
  stop(): Promise<void>;
  /** Starts it again with the same data and port, after stop() if it still runs, and waits until it answers. */
  restart(): Promise<void>;
}

/** Resolves when the broker answers. Throws ProgramError when it cannot start. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { port, dataDir, heap = "256m" } = options;
  const brokers = `localhost:${port}`;
  const logFile = join(dataDir, "kafka.log");
  const config = join(dataDir, "server.properties");
  const java = await findJava();
  const jars = await ensureJars();
  // The first JIT compiler alone: Kafka answers after 2.2 s in place of 3 on two cores. The JVM itself expands the *.
  const jvmOptions = [`-Xmx${heap}`, "-XX:TieredStopAtLevel=1", ...LOGGING, "-cp", join(jars, "*")];

  await mkdir(dataDir, { recursive: true });
  await writeFile(config, await settingsText(options));
  if (!existsSync(join(logDir(dataDir), "meta.properties"))) {
    const format = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", config];
    const { failed, all, exitCode } = await execa(java, [...jvmOptions, ...format], {
      reject: false,
      all: true,
    });
    if (failed) {
      const reason = lastError(all) ?? `exit code ${exitCode}`;
      throw new ProgramError(`Kafka could not format ${logDir(dataDir)}: ${reason}`);
    }
  }

  let jvm = await launch();
  await answers();
  return {
    brokers,
    logFile,
    get pid() {
      return jvm.pid;
    },
    get exited() {
      return jvm.exited;
    },
    async kill9() {
      jvm.kill("SIGKILL");
      await jvm.exited;
    },
    stop,
    async restart() {
      await stop();
      jvm = await launch();
      await answers();
    },
  };

  async function stop() {
    jvm.kill("SIGTERM");
    const force = setTimeout(() => jvm.kill("SIGKILL"), LONGEST_STOP_MS);
    await jvm.exited;
    clearTimeout(force);
  }

  async function launch() {
    const log = openSync(logFile, "a");
    const { size } = await stat(logFile);
    // Straight into the file, so that the log is complete even when this process is gone.
    const child = spawn(java, [...jvmOptions, "kafka.Kafka", config], { stdio: ["ignore", log, log] });
    closeSync(log);
    const pid = child.pid ?? 0;
    const dismissReaper = endWithThisProcess(pid);
    const exited = once(child, "exit").then(async ([exitCode, signal]) => {
      dismissReaper();
      const written = existsSync(logFile) ? (await readFile(logFile)).subarray(size).toString() : "";
      return lastError(written) ?? (signal === null ? `exit code ${exitCode}` : `killed by ${signal}`);
    });
    return { pid, exited, kill: (signal: "SIGTERM" | "SIGKILL") => child.kill(signal) };
  }

  async function answers() {
    const start = new AbortController();
    const fail = (what: string) => start.abort(new ProgramError(`Kafka ${what} (log: ${logFile})`));
    const timer = setTimeout(
      () => fail(`did not answer within ${LONGEST_START_MS / 1000} s`),
      LONGEST_START_MS,
    );
    void jvm.exited.then((line) => fail(`ended while it started: ${line}`));
    try {
      await groupsAnswer(brokers, start.signal);
    } finally {
      clearTimeout(timer);
      if (start.signal.aborted) {
        jvm.kill("SIGKILL");
        await jvm.exited;
      }
    }
  }
}

/** The last line of a log that tells of an error; the lines of its stack trace do not count. */
function lastError(log: string): string | undefined {
  const lines = log.split("\n").filter((line) => !/^\s+at /.test(line));
  return lines.findLast((line) => / ERROR |\w(Exception|Error): |^Error/.test(line))?.trim();
}
