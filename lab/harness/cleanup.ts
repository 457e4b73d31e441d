/** What a demonstration has begun it ends, also when it is interrupted: the last thing begun is ended first. */

type Undo = () => Promise<unknown>;
const begun: Undo[] = [];
let cleaning: Promise<void> | undefined;

/** Remembers how to undo something. */
export function atEnd(undo: Undo): void {
  begun.push(undo);
}

/** Undoes everything, once; a second call waits for the first. */
export function cleanUp(): Promise<void> {
  cleaning ??= (async () => {
    for (let undo = begun.pop(); undo !== undefined; undo = begun.pop()) {
      await undo().catch((error: Error) => console.error(`While cleaning up: ${error.message}`));
    }
    cleaning = undefined;
  })();
  return cleaning;
}

/** Ctrl-C and its like: cleans up, then exits 130. */
export function cleanUpWhenInterrupted(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, async () => {
      await cleanUp();
      process.exit(130);
    });
  }
}
