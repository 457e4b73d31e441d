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
/** So long a transaction applies messages, at most. Longer ones would be cheaper, but somebody may wait. */
const LONGEST_MS = 50;
/** So many messages of a topic are applied, then those of the next one. */
const SLICE = 500;

/** Messages of one partition. */
interface Part {
  partition: number;
  messages: readonly Message[];
  /** Where the partition goes on behind them. */
  next: number;
  /** How many of them are applied. */
  applied: number;
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
      this.#queues[topic].push({ partition, messages, next, applied: 0, resolve, reject });
      this.#schedule();
    });
  }

  /** Writes at once what is there. */
  hurry(): void {
    if (this.#hasMore()) this.#writeSoon();
  }

  #hasMore(): boolean {
    return READ_TOPICS.some((topic) => this.#queues[topic].length > 0);
  }

  #schedule(): void {
    if (this.#immediate !== undefined) return;
    const wait = this.#lastWrite + PAUSE_MS - performance.now();
    if (wait <= 0 || this.#options.isWaitedFor() || this.#isFull()) this.#writeSoon();
    else this.#timer ??= setTimeout(() => this.#writeSoon(), wait);
  }

  /** Whether so much has come that a pause would only hold it up. */
  #isFull(): boolean {
    return READ_TOPICS.some((topic) => this.#queues[topic].some(({ messages }) => messages.length >= SLICE));
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
        const end = performance.now() + LONGEST_MS;
        while (this.#hasMore() && performance.now() < end)
          for (const topic of READ_TOPICS) this.#applySlice(topic, done);
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
    if (this.#hasMore()) this.#schedule();
  }

  /** Applies the next messages of a topic, and adds the parts that are complete by that to `done`. */
  #applySlice(topic: ReadTopic, done: Part[]): void {
    const { rules, positions } = this.#options;
    const queue = this.#queues[topic];
    const apply = rules.apply[topic];
    for (let left = SLICE; queue[0] !== undefined && left > 0; ) {
      const part = queue[0];
      const end = Math.min(part.messages.length, part.applied + left);
      left -= end - part.applied;
      for (; part.applied < end; part.applied += 1) {
        const message = part.messages[part.applied] as Message;
        if (message.unreadable === undefined || topic === "tasks") apply(message);
      }
      const last = part.messages[end - 1];
      if (end < part.messages.length) {
        positions.set(topic, part.partition, Number(last?.offset) + 1, last);
        break;
      }
      positions.set(topic, part.partition, part.next, last);
      done.push(part);
      queue.shift();
    }
  }
}
