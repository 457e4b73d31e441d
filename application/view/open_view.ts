/** The gateway's side of the view: starts its thread, waits for it, reads what it has written. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { ProgramError } from "../../common/errors.ts";
import { KafkaError, type KafkaErrorKind } from "../../common/kafka/errors.ts";
import type { Say } from "../../common/kafka/log.ts";
import type { KafkaSettings } from "../../common/kafka/settings.ts";
import { shortPath } from "../../common/results_database.ts";
import { type Database, openDatabase } from "../../common/sqlite.ts";
import { tryLock } from "../../kafka/lock.ts";
import { EndsAsker } from "./ends_asker.ts";
import type { FaultMessage, FromThread, ThreadData, ToThread } from "./thread_messages.ts";
import { type Positions, READ_TOPICS, type View } from "./types.ts";
import { deleteViewFile, explained } from "./view_file.ts";
import { Waiting } from "./waiting.ts";

export interface ViewOptions {
  /** The database; it is made, with its folder, if it is missing. */
  file: string;
  settings: KafkaSettings;
  /** Milliseconds for which a finished task is kept. */
  keepMs: number;
  /** Where lines for people go. */
  say?: Say;
}

/** So long the thread may take to leave its groups. */
const CLOSE_LIMIT_MS = 10_000;

/**
 * Opens the view, and resolves when its thread is connected and reads; the topics have to be there. Throws
 * ProgramError with one line: no Kafka, another gateway with the same file, a file that cannot be written.
 */
export async function openView({ file, settings, keepMs, say = console.error }: ViewOptions): Promise<View> {
  const unlock = lock(file);
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const waiting = new Waiting((change, what) => Atomics.add(counts, what === "offsets" ? 0 : 1, change));
  const workerData: ThreadData = { file, settings, keepMs, waiting: counts.buffer as SharedArrayBuffer };
  // Options of this process, such as --inspect, are not for the thread.
  const thread = new Worker(new URL("./view_thread.mjs", import.meta.url), { workerData, execArgv: [] });
  const post = (message: ToThread) => thread.postMessage(message);
  const asker = new EndsAsker((ask, topics) => post({ kind: "ask", ask, topics }));
  const listeners = new Set<() => void>();
  let database: Database | undefined;
  let ends: Positions | undefined;
  let isCaughtUp = false;

  let ready = () => {};
  let finish = () => {};
  let fail: (reason: unknown) => void = () => {};
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  finished.catch((reason) => {
    waiting.fail(reason);
    asker.fail(reason);
  });

  function compare(): void {
    if (ends !== undefined && waiting.holds(ends)) isCaughtUp = true;
  }

  thread.on("message", (message: FromThread) => {
    if (message.kind === "committed") {
      waiting.committed(message.positions, message.ids);
      if (!isCaughtUp) compare();
      for (const listener of [...listeners]) listener();
    } else if (message.kind === "ends") {
      if (message.ask !== undefined) return asker.answer(message.ask, message.ends);
      // Two seconds ago Kafka had this already: a view that has not read it yet is behind.
      if (ends !== undefined && !waiting.holds(ends)) isCaughtUp = false;
      ends = message.ends;
      compare();
    } else if (message.kind === "noAnswer") asker.refuse(message.ask, toError(message.error));
    else if (message.kind === "emptied") {
      waiting.emptied();
      ends = undefined;
      isCaughtUp = false;
    } else if (message.kind === "say") say(message.line);
    else if (message.kind === "ready") ready();
    else if (message.kind === "failed") void end(toError(message.error), message.error.kind === "damaged");
    else finish();
  });
  thread.on("error", (error) => void end(error, false));

  /** The thread cannot go on. */
  async function end(error: unknown, isDamaged: boolean): Promise<void> {
    await thread.terminate();
    if (isDamaged) {
      database?.close();
      deleteViewFile(file);
    }
    unlock();
    fail(error);
  }

  function reached(positions: Positions, signal?: AbortSignal): Promise<void> {
    if (!waiting.holds(positions)) post({ kind: "hurry" });
    return waiting.reached(positions, signal);
  }

  await Promise.race([isReady, finished]);
  const opened = explained(file, () => openDatabase(file, { readOnly: true }));
  database = opened;

  return {
    database: opened,
    finished,
    changed: (id, signal) => waiting.changed(id, signal),
    reached,
    async readToEnd(topics = READ_TOPICS) {
      const asked = await asker.ask(topics);
      const wanted = Object.fromEntries(topics.map((topic) => [topic, asked[topic] ?? {}]));
      await reached(wanted);
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setOwners: (owners) => post({ kind: "owners", owners }),
    progress() {
      const behind = ends === undefined ? 0 : waiting.missing(ends);
      return { isCaughtUp, behind, positions: waiting.positions };
    },
    async close() {
      post({ kind: "close" });
      const timer = setTimeout(finish, CLOSE_LIMIT_MS);
      await finished.catch(() => {}); // Whoever awaits it is told.
      clearTimeout(timer);
      waiting.fail(new ProgramError("The view is closed"));
      await thread.terminate();
      opened.close();
      unlock();
    },
  };
}

function lock(file: string): () => void {
  const unlock = explained(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    return tryLock(`${file}.lock`);
  });
  if (unlock !== undefined) return unlock;
  throw new ProgramError(`Another gateway uses ${shortPath(file)}: choose another --data, or end that one`);
}

function toError({ message, kind, fix }: FaultMessage): Error {
  const options = fix === undefined ? {} : { fix };
  if (kind === undefined) return new Error(message);
  return new KafkaError(kind as KafkaErrorKind, message, options);
}
