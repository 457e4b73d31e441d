/**
 * Lines that a person types at a terminal. A line that comes while the program still works on the one before
 * (pasted text, fast typing) waits. It is shown after its prompt when its turn comes. Up-arrow recalls lines.
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";
import { Writable } from "node:stream";
import type { WriteStream } from "node:tty";
import { printable } from "./printable.ts";
import { interrupt } from "./shutdown.ts";

/** Asks for line after line until Ctrl-D. Ctrl-C does what it does in every program: see interrupt(). */
export async function* editLines(prompt: string, output: WriteStream): AsyncGenerator<string, void> {
  const editor = new LineEditor(prompt, output);
  try {
    for (let line = await editor.next(); line !== undefined; line = await editor.next()) yield line;
  } finally {
    editor.close();
  }
}

/** The editor whose prompt waits for a line at present, if there is one. */
let open: LineEditor | undefined;

/**
 * Prints a line that has nothing to do with what is being typed, such as a late answer: above the open
 * prompt, which is then drawn again with what was typed so far. Without an open prompt it just prints.
 */
export function printAbovePrompt(line: string, output: Writable = process.stderr): void {
  const print = () => output.write(`${line}\n`);
  if (open === undefined) print();
  else open.printAbove(print);
}

class LineEditor {
  readonly #prompt: string;
  readonly #output: WriteStream;
  readonly #screen: Screen;
  readonly #readline: Interface;
  /** Lines that came before they were asked for. */
  readonly #early: string[] = [];
  #ended = false;
  #answer: ((line: string | undefined) => void) | undefined;

  constructor(prompt: string, output: WriteStream) {
    this.#prompt = prompt;
    this.#output = output;
    this.#screen = new Screen(output);
    this.#readline = createInterface({ input: process.stdin, output: this.#screen, terminal: true, prompt });
    this.#readline.on("line", (line) => {
      if (this.#answer === undefined) this.#early.push(line);
      else this.#settle(line);
    });
    this.#readline.on("close", () => {
      this.#ended = true;
      this.#leaveLine();
      this.#settle(undefined);
    });
    this.#readline.on("SIGINT", () => {
      this.#leaveLine();
      interrupt();
    });
  }

  /** The next line; undefined after Ctrl-D. */
  async next(): Promise<string | undefined> {
    const early = this.#early.shift();
    if (early !== undefined) this.#output.write(`${this.#prompt}${printable(early)}\n`);
    if (early !== undefined || this.#ended) return early;
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#screen.visible = true;
      open = this;
      this.#readline.prompt(true);
    });
  }

  printAbove(print: () => void): void {
    const { rows } = this.#readline.getCursorPos();
    // Unseen: after a paste readline does not know yet in which row its cursor is.
    this.#screen.visible = false;
    this.#readline.prompt(true);
    this.#screen.visible = true;
    moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    print();
    // readline goes up as many rows as the old text had before it draws the new one.
    this.#output.write("\n".repeat(rows));
    this.#readline.prompt(true);
  }

  close(): void {
    this.#readline.close();
  }

  /** At once: what follows in the same paste is not to be seen before its turn. */
  #settle(line: string | undefined): void {
    this.#screen.visible = false;
    open = undefined;
    this.#answer?.(line);
    this.#answer = undefined;
  }

  /** What is printed next begins below the prompt. */
  #leaveLine(): void {
    if (this.#answer !== undefined) this.#output.write("\n");
  }
}

/** What readline draws on: it shows nothing while no prompt is open. */
class Screen extends Writable {
  visible = false;
  readonly #output: WriteStream;

  constructor(output: WriteStream) {
    super({ decodeStrings: false });
    this.#output = output;
    output.on("resize", () => this.emit("resize"));
  }

  /** readline reads it to know where a long line wraps. */
  get columns(): number {
    return this.#output.columns;
  }

  override _write(text: string, _encoding: BufferEncoding, done: () => void): void {
    if (this.visible) this.#output.write(text);
    done();
  }
}
