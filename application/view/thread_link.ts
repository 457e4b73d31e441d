/** The view's thread, as the main thread sees it: messages go there and come back, and it ends. */
import { Worker } from "node:worker_threads";
import { ProgramError } from "../../common/errors.ts";
import { KafkaError, type KafkaErrorKind } from "../../common/kafka/errors.ts";
import type { FaultMessage, FromThread, ThreadData, ToThread } from "./thread_messages.ts";

/** So long the thread may take to leave its groups. */
const CLOSE_LIMIT_MS = 10_000;

export interface ThreadLink {
  post(message: ToThread): void;
  /** Resolves when the thread reads, rejects when it cannot. */
  ready: Promise<void>;
  /** Resolves after close(); rejects when the thread cannot go on, and has ended. */
  finished: Promise<void>;
  /** Lets it finish what it does; resolves when it has ended. */
  close(): Promise<void>;
}

/**
 * Starts the thread. `onEnd` is called when it has ended by a fault, before anybody is told: `kind` is that
 * of the fault.
 */
export function startThread(
  workerData: ThreadData,
  onMessage: (message: FromThread) => void,
  onEnd: (kind: string | undefined) => void,
): ThreadLink {
  // Options of this process, such as --inspect, are not for the thread.
  const thread = new Worker(new URL("./view_thread.mjs", import.meta.url), { workerData, execArgv: [] });
  const post = (message: ToThread) => thread.postMessage(message);
  let isEnding = false;
  let begin = () => {};
  let finish = () => {};
  let fail: (reason: unknown) => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  finished.catch(() => {}); // Whoever awaits it is told.

  async function end(error: unknown, kind: string | undefined): Promise<void> {
    if (isEnding) return;
    isEnding = true;
    await thread.terminate();
    onEnd(kind);
    fail(error);
  }

  thread.on("message", (message: FromThread) => {
    if (message.kind === "ready") begin();
    else if (message.kind === "closed") finish();
    else if (message.kind === "failed") void end(toError(message.error), message.error.kind);
    else onMessage(message);
  });
  thread.on("error", (error) => void end(error, undefined));
  thread.on("exit", () => void end(new ProgramError("The thread of the view has ended"), undefined));

  async function close(): Promise<void> {
    if (!isEnding) {
      post({ kind: "close" });
      const timer = setTimeout(finish, CLOSE_LIMIT_MS);
      await finished.catch(() => {}); // Whoever awaits it is told.
      clearTimeout(timer);
      isEnding = true;
    }
    await thread.terminate();
  }

  return {
    post,
    finished,
    close,
    ready: Promise.race([begun, finished]),
  };
}

/** The error that the thread has told of. */
export function toError({ message, kind, fix, isKafka }: FaultMessage): Error {
  if (isKafka === undefined) return new Error(message);
  const options = fix === undefined ? {} : { fix };
  if (isKafka) return new KafkaError(kind as KafkaErrorKind, message, options);
  return new ProgramError(message, kind === undefined ? options : { kind, ...options });
}
