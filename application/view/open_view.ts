/** The gateway's side of the view: starts its thread, waits for it, reads what it has written. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ProgramError } from "../../common/errors.ts";
import type { Say } from "../../common/kafka/log.ts";
import type { KafkaSettings } from "../../common/kafka/settings.ts";
import { shortPath } from "../../common/results_database.ts";
import { openDatabase } from "../../common/sqlite.ts";
import { tryLock } from "../../kafka/lock.ts";
import { EndsAsker } from "./ends_asker.ts";
import { startThread, toError } from "./thread_link.ts";
import type { FromThread } from "./thread_messages.ts";
import { type Positions, READ_TOPICS, type View } from "./types.ts";
import { DAMAGED, explained, markDamaged } from "./view_file.ts";
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

/**
 * Opens the view, and resolves when its thread is connected and reads; topics that are missing are made.
 * Throws ProgramError with one line: no Kafka, another gateway with the same file, or one that cannot be
 * written.
 */
export async function openView({ file, settings, keepMs, say = console.error }: ViewOptions): Promise<View> {
  const unlock = lock(file);
  const counts = new Int32Array(new SharedArrayBuffer(8));
  const waiting = new Waiting((change, what) => Atomics.add(counts, what === "offsets" ? 0 : 1, change));
  const listeners = new Set<() => void>();
  let ends: Positions | undefined;
  let isCaughtUp = false;

  function onMessage(message: FromThread): void {
    if (message.kind === "committed") {
      waiting.committed(message.positions, message.ids);
      isCaughtUp ||= ends !== undefined && waiting.holds(ends);
      for (const listener of [...listeners]) listener();
    } else if (message.kind === "ends" && message.ask !== undefined) {
      asker.answer(message.ask, message.ends);
    } else if (message.kind === "ends") {
      // Seconds ago Kafka had this already: a view that has not read it yet is behind.
      if (ends !== undefined && !waiting.holds(ends)) isCaughtUp = false;
      ends = message.ends;
      isCaughtUp ||= waiting.holds(ends);
    } else if (message.kind === "noAnswer") asker.refuse(message.ask, toError(message.error));
    else if (message.kind === "emptied") {
      waiting.emptied();
      ends = undefined;
      isCaughtUp = false;
    } else if (message.kind === "say") say(message.line);
  }

  const thread = startThread(
    { file, settings, keepMs, waiting: counts.buffer as SharedArrayBuffer },
    onMessage,
    (kind) => {
      if (kind === DAMAGED) markDamaged(file);
      unlock();
    },
  );
  const asker = new EndsAsker((ask, topics) => thread.post({ kind: "ask", ask, topics }));
  thread.finished.catch((reason) => {
    waiting.fail(reason);
    asker.fail(reason);
  });

  function reached(positions: Positions, signal?: AbortSignal): Promise<void> {
    if (!waiting.holds(positions)) thread.post({ kind: "hurry" });
    return waiting.reached(positions, signal);
  }

  await thread.ready;
  const database = explained(file, () => openDatabase(file, { readOnly: true }));
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await thread.close();
    const closed = new ProgramError("The view is closed");
    waiting.fail(closed);
    asker.fail(closed);
    database.close();
    unlock();
  }

  return {
    ...{ database, reached },
    finished: thread.finished,
    close() {
      closing ??= close();
      return closing;
    },
    changed: (id, signal) => waiting.changed(id, signal),
    async readToEnd(topics = READ_TOPICS) {
      const asked = await asker.ask(topics);
      await reached(Object.fromEntries(topics.map((topic) => [topic, asked[topic] ?? {}])));
    },
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setOwners: (owners) => thread.post({ kind: "owners", owners }),
    progress() {
      const behind = ends === undefined ? 0 : waiting.missing(ends);
      return { isCaughtUp, behind, positions: waiting.positions };
    },
  };
}

/** Returns the function that gives the file free. */
function lock(file: string): () => void {
  const unlock = explained(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    return tryLock(`${file}.lock`);
  });
  if (unlock === undefined) {
    throw new ProgramError(`Another gateway uses ${shortPath(file)}: choose another --data, or end that one`);
  }
  let isLocked = true;
  return () => {
    if (isLocked) unlock();
    isLocked = false;
  };
}
