/** One real Kafka broker from its jars: format, start, wait until it answers, stop, kill, start again. */
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProgramError } from "../common/errors.ts";
import { explainFolderError, logDir, reserveDataFolder, settingsFile, shown } from "./data_folder.ts";
import { ensureJars } from "./jars.ts";
import { findJava } from "./java.ts";
import { format, type Jvm, launch } from "./jvm.ts";
import { groupsAnswer } from "./readiness.ts";
import { type Settings, settingsText } from "./server_properties.ts";

/** It takes 2 to 4 s on a free machine; 37 s were seen on a busy one. */
const LONGEST_START_MS = 120_000;
const PROGRESS_EVERY_MS = 10_000;

export interface BrokerOptions extends Settings {
  /** Memory for Java's objects, as the JVM writes it: 256m if not given. */
  heap?: string;
  /** Deletes all topics before the start. */
  clean?: boolean;
  /** What a person types to choose another folder, for the line that says that this one cannot be used. */
  otherFolder?: string;
  /** Ends a start that is under way: the promise then rejects, when nothing runs any more. */
  signal?: AbortSignal;
  /** Gets one line about each step of the start. */
  tell?: (line: string) => void;
}

export interface Broker {
  /** "localhost:port", the plain listener. */
  brokers: string;
  logFile: string;
  /** Of the JVM; another one after restart(). */
  readonly pid: number;
  /** Resolves with the reason when the JVM has ended, whoever ended it. */
  readonly exited: Promise<string>;
  /** Ends it without a chance to clean up, as a power cut would. */
  kill9(): Promise<void>;
  /**
   * Asks it to end, and uses force after 10 seconds. The last node of a cluster needs that, because it waits
   * for a majority that is gone. Stop the nodes of a cluster together.
   */
  stop(): Promise<void>;
  /** Stops it if it still runs, starts it with the same data and port, and waits until it answers. */
  restart(): Promise<void>;
}

interface Waiting {
  signal: AbortSignal;
  tell: (line: string) => void;
  logFile: string;
}

/** Resolves when the broker answers. Throws ProgramError when it cannot start. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { port, dataDir, heap = "256m", clean = false, otherFolder, tell = () => {} } = options;
  const { signal = new AbortController().signal } = options;
  const brokers = `localhost:${port}`;
  const logFile = join(dataDir, "kafka.log");
  const kafka = { java: await findJava(), jars: await ensureJars(tell), dataDir, heap };

  let jvm = await start(clean);
  return {
    brokers,
    logFile,
    get pid() {
      return jvm.pid;
    },
    get exited() {
      return jvm.exited;
    },
    kill9: () => jvm.kill9(),
    stop: () => jvm.stop(),
    async restart() {
      await jvm.stop();
      jvm = await start(false);
    },
  };

  /** The folder is reserved before anything in it is changed, and until the JVM has ended. */
  async function start(isClean: boolean): Promise<Jvm> {
    const giveBack = await reserveDataFolder(dataDir, otherFolder);
    let started: Jvm;
    try {
      signal.throwIfAborted();
      started = await launchPrepared(isClean);
    } catch (error) {
      giveBack();
      throw explainFolderError(dataDir, error, otherFolder);
    }
    void started.exited.then(giveBack);
    tell(`Starting the broker (pid ${started.pid}, log in ${shown(logFile)})`);
    await untilItAnswers(started, brokers, { signal, tell, logFile });
    return started;
  }

  async function launchPrepared(isClean: boolean): Promise<Jvm> {
    if (isClean) await rm(logDir(dataDir), { recursive: true, force: true });
    await writeFile(settingsFile(dataDir), await settingsText(options));
    if (!existsSync(join(logDir(dataDir), "meta.properties"))) {
      tell(`Preparing the new data folder ${shown(dataDir)}`);
      await format(kafka);
    }
    return await launch(kafka, logFile);
  }
}

/** Resolves when the broker answers. Rejects when it ends, takes too long, or is not wanted any more. */
async function untilItAnswers(jvm: Jvm, brokers: string, { signal, tell, logFile }: Waiting): Promise<void> {
  const failed = new AbortController();
  const fail = (what: string) =>
    failed.abort(new ProgramError(`Kafka ${what} (log: ${shown(logFile)})`, { kind: "kafka_failed" }));
  const end = AbortSignal.any([failed.signal, signal]);
  // At once, so that the question that is under way fails too.
  const stop = () => void jvm.stop();
  end.addEventListener("abort", stop);
  void jvm.exited.then((reason) => fail(`ended while it started: ${reason}`));
  const progress = setInterval(() => tell("The broker does not answer yet"), PROGRESS_EVERY_MS);
  const limit = setTimeout(
    () => fail(`did not answer within ${LONGEST_START_MS / 1000} s`),
    LONGEST_START_MS,
  );
  try {
    await groupsAnswer(brokers, end);
  } catch (error) {
    await jvm.stop();
    throw error;
  } finally {
    end.removeEventListener("abort", stop);
    clearInterval(progress);
    clearTimeout(limit);
  }
}
