/** What a program prints, line by line, and how to wait for a line. */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface Line {
  from: "stdout" | "stderr";
  text: string;
  /** Milliseconds on the clock of performance.now(). */
  at: number;
}

/** A place in a program's output: how many lines come before it. */
export type Mark = number;

export class Output {
  /** What the program has printed so far. */
  readonly lines: Line[] = [];
  #watchers: (() => void)[] = [];
  #hasEnded = false;
  readonly #program: string;

  /** `program` is its name, for errors. */
  constructor(program: string) {
    this.#program = program;
  }

  /** Reads a stream to its end. `onLine` is told of each line. */
  async follow(from: Line["from"], stream: Readable, onLine: (line: Line) => void = () => {}): Promise<void> {
    for await (const text of createInterface({ input: stream })) {
      const line = { from, text, at: performance.now() };
      this.lines.push(line);
      onLine(line);
      this.#wake();
    }
  }

  /** The program has ended, and all its lines are here. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** All that came from one of the two streams. */
  textOf(from: Line["from"]): string {
    return this.lines
      .filter((line) => line.from === from)
      .map((line) => `${line.text}\n`)
      .join("");
  }

  /**
   * Resolves with the first line from `mark` on that is accepted; rejects when the program ends without one.
   */
  async waitForLine(accept: (text: string) => boolean, wanted: string, mark: Mark = 0): Promise<Line> {
    for (let seen = mark; ; seen += 1) {
      while (seen >= this.lines.length) {
        if (this.#hasEnded) {
          const printed = this.lines.map((line) => line.text).join("\n");
          throw new Error(`${this.#program} ended without a line ${wanted}. It printed:\n${printed}`);
        }
        await new Promise<void>((resolve) => this.#watchers.push(resolve));
      }
      const line = this.lines[seen] as Line;
      if (accept(line.text)) return line;
    }
  }

  /** Resolves when the last line of a kind is as wanted: at once, if it is already. */
  waitForState(kind: RegExp, wanted: (match: RegExpExecArray) => boolean): Promise<Line> {
    const last = this.lines.findLastIndex(({ text }) => kind.test(text));
    const accept = (text: string) => {
      const match = kind.exec(text);
      return match !== null && wanted(match);
    };
    return this.waitForLine(accept, `like ${kind} in the wanted state`, Math.max(0, last));
  }

  #wake(): void {
    const waiting = this.#watchers;
    this.#watchers = [];
    for (const resolve of waiting) resolve();
  }
}
