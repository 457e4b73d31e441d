/** A progress bar on a terminal, and nothing elsewhere. */
import { SingleBar } from "cli-progress";

export interface Progress {
  add(count: number): void;
  stop(): void;
}

/** Begins a bar on stderr, such as `████░░ 400/1000 queued, 3s`. */
export function progressBar(total: number, verb: string): Progress {
  if (!process.stderr.isTTY) return { add: () => {}, stop: () => {} };
  const bar = new SingleBar({
    format: `{bar} {value}/{total} ${verb}, {duration_formatted}`,
    barsize: Math.max(10, Math.min(40, process.stderr.columns - 40)),
    // Otherwise the library switches it off, and after Ctrl-C the terminal stays like that.
    linewrap: true,
  });
  bar.start(total, 0);
  return { add: (count) => bar.increment(count), stop: () => bar.stop() };
}
