/**
 * Writes what the topics bring. Messages of all topics that came together go into one transaction: one for
 * each small batch would take half of the time.
 */
import type { Message } from "../../common/kafka/consume_plan.ts";
import { type Database, inTransaction } from "../../common/sqlite.ts";
import type { Rules } from "./apply.ts";
import type { ReadPositions } from "./positions.ts";
import { type Positions, READ_TOPICS, type ReadTopic } from "./types.ts";

/** While nobody waits, a transaction begins so many milliseconds after the one before. */
const PAUSE_MS = 15;
/** So many messages of a topic go into one transaction, so that none takes long, and none is waited for. */
const MESSAGES_AT_ONCE = 2000;

/** Messages of one partition. */
interface Part {
  partition: number;
  messages: readonly Message[];
  /** Where the partition goes on behind them. */
  next: number;
  /** How many are written. */
  written: number;
  resolve(): void;
  reject(error: unknown): void;
}

export interface WriterOptions {
  database: Database;
  rules: Rules;
  positions: ReadPositions;
  /** Whether somebody waits for a change: then nothing is held back. */
  isWaitedFor(): boolean;
  /** Called after each transaction. */
  onWritten(positions: Positions, ids: readonly string[]): void;
}

export class BatchWriter {
  readonly #options: WriterOptions;
  readonly #queues = Object.fromEntries(READ_TOPICS.map((topic) => [topic, []])) as unknown as Record<
    ReadTopic,
    Part[]
  >;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #lastWrite = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Resolves when the messages are in the database. `next` is the offset behind them. */
  add(topic: ReadTopic, partition: number, messages: readonly Message[], next: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queues[topic].push({ partition, messages, next, written: 0, resolve, reject });
      this.#schedule();
    });
  }

  /** Writes at once what is there. */
  hurry(): void {
    if (READ_TOPICS.some((topic) => this.#queues[topic].length > 0)) this.#writeSoon();
  }

  #schedule(): void {
    if (this.#immediate !== undefined) return;
    const wait = this.#lastWrite + PAUSE_MS - performance.now();
    if (wait <= 0 || this.#options.isWaitedFor() || this.#isFull()) this.#writeSoon();
    else this.#timer ??= setTimeout(() => this.#writeSoon(), wait);
  }

  #isFull(): boolean {
    return READ_TOPICS.some((topic) => {
      const [first] = this.#queues[topic];
      return first !== undefined && first.messages.length >= MESSAGES_AT_ONCE;
    });
  }

  /** What other partitions bring in this turn of the event loop is still to be heard. */
  #writeSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#write();
    });
  }

  #write(): void {
    const { database, rules, positions, onWritten } = this.#options;
    const done: Part[] = [];
    let written: Positions;
    try {
      written = inTransaction(database, () => {
        for (const topic of READ_TOPICS) done.push(...this.#apply(topic));
        rules.figures.write();
        return positions.write(database);
      });
    } catch (error) {
      for (const part of [...done, ...READ_TOPICS.flatMap((topic) => this.#queues[topic].splice(0))])
        part.reject(error);
      return;
    }
    this.#lastWrite = performance.now();
    const ids = [...rules.rows.changed];
    rules.rows.changed.clear();
    for (const { resolve } of done) resolve();
    onWritten(written, ids);
    if (READ_TOPICS.some((topic) => this.#queues[topic].length > 0)) this.#schedule();
  }

  /** Applies the next messages of a topic, and returns the parts that are written by that. */
  #apply(topic: ReadTopic): Part[] {
    const { rules, positions } = this.#options;
    const queue = this.#queues[topic];
    const apply = rules.apply[topic];
    const done: Part[] = [];
    for (let left = MESSAGES_AT_ONCE; queue[0] !== undefined && left > 0; ) {
      const part = queue[0];
      const end = Math.min(part.messages.length, part.written + left);
      left -= end - part.written;
      for (let index = part.written; index < end; index += 1) {
        const message = part.messages[index] as Message;
        if (message.unreadable === undefined || topic === "tasks") apply(message);
      }
      part.written = end;
      const last = part.messages[end - 1];
      const isWhole = end === part.messages.length;
      const next = isWhole ? part.next : Number(last?.offset) + 1;
      positions.set(topic, part.partition, next, last);
      if (!isWhole) break;
      queue.shift();
      done.push(part);
    }
    return done;
  }
}
