/**
 * What a program of the lab begins it also ends. An interruption is one line, then silence, and nothing is
 * left.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "./programs.ts";

type Undo = () => Promise<unknown>;
const undos: Undo[] = [];
const programs = new Set<Program>();
let cleaning: Promise<void> | undefined;
let interruptedAt: number | undefined;
const interruption = new AbortController();

/** A worker that ends by itself leaves its group; one that is killed stays in it for 6 s. */
const LONGEST_STOP_MS = 2000;
/** The session of a killed worker (6 s) and a Kafka that stops (10 s). */
const LONGEST_CLEANING_MS = 30_000;
/** One Ctrl-C can arrive twice: from the terminal, and passed on by npm (27 ms apart with npm 11). */
const ECHO_MS = 500;

/** Whether the program was interrupted. Its story is then not told any further. */
export function isInterrupted(): boolean {
  return interruptedAt !== undefined;
}

/** Remembers how to undo something. What was begun last is undone first. */
export function atEnd(undo: Undo): void {
  undos.push(undo);
}

/**
 * Starts something and remembers how to undo it, also when the interruption comes before the start has
 * finished: then `signal` ends it, where it can be ended.
 */
export function begin<T>(
  start: (signal: AbortSignal) => Promise<T>,
  undo: (begun: T) => Promise<unknown>,
): Promise<T> {
  if (isInterrupted()) return forever();
  const started = start(interruption.signal);
  // What could not be started needs no end, and whoever waits for it is told.
  atEnd(() => started.then(undo, () => {}));
  return started;
}

/** Remembers to end a program. All programs end together, before anything else is undone. */
export function endAtEnd(program: Program): Program {
  programs.add(program);
  if (isInterrupted()) void program.kill();
  void program.exited.then(() => programs.delete(program));
  return program;
}

/** Undoes everything. After an interruption it never resolves: the interruption ends the program. */
export function cleanUp(): Promise<void> {
  return isInterrupted() ? forever() : undoAll();
}

/**
 * Tells a story and ends what it began, also when it fails or is interrupted. Exits with the code that it
 * returns.
 */
export async function runToEnd(story: () => Promise<number>): Promise<void> {
  cleanUpWhenInterrupted();
  let exitCode = 1;
  try {
    exitCode = await story();
  } finally {
    await cleanUp();
  }
  process.stdout.write("", () => process.exit(exitCode));
}

/** Ctrl-C, SIGTERM, a closed terminal (SIGHUP) or a closed pipe: cleans up, then exits. */
export function cleanUpWhenInterrupted(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (interruptedAt === undefined) interrupt(130);
      // A terminal that closes can send more than one SIGHUP, and nobody is there who would be in a hurry.
      else if (signal !== "SIGHUP" && performance.now() - interruptedAt > ECHO_MS) process.exit(130);
    });
  }
  for (const output of [process.stdout, process.stderr]) {
    // The listener of createProgram() would end the program before anything is undone.
    output.removeAllListeners("error");
    output.on("error", () => {
      if (interruptedAt === undefined) interrupt(0);
    });
  }
}

function interrupt(exitCode: number): void {
  interruptedAt = performance.now();
  process.stderr.write("Interrupted: cleaning up\n");
  // Lines and errors of a story that was left in the middle are no news.
  console.log = () => {};
  console.error = () => {};
  process.removeAllListeners("uncaughtException").on("uncaughtException", () => {});
  interruption.abort();
  void Promise.race([undoAll(), sleep(LONGEST_CLEANING_MS)]).then(() => process.exit(exitCode));
}

function undoAll(): Promise<void> {
  cleaning ??= (async () => {
    await Promise.all([...programs].map(endProgram));
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
      await undo().catch((error: Error) =>
        process.stderr.write(`Not cleaned up: ${error.message}. The next run tries again.\n`),
      );
    }
    cleaning = undefined;
  })();
  return cleaning;
}

async function endProgram(program: Program): Promise<void> {
  await Promise.race([program.stop(), sleep(LONGEST_STOP_MS, undefined, { ref: false })]);
  await program.kill();
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
