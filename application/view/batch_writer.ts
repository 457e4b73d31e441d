/**
 * Writes what the topics bring. Messages of all topics that came together go into one transaction: one for
 * each small batch would take half of the time.
 */
import type { Message } from "../../common/kafka/consume_plan.ts";
import { type Database, inTransaction } from "../../common/sqlite.ts";
import type { Rules } from "./apply.ts";
import { MessageQueues, type Part, type Slice } from "./message_queues.ts";
import type { ReadPositions } from "./positions.ts";
import type { TopicEnds } from "./topic_ends.ts";
import { type Positions, READ_TOPICS, type ReadTopic } from "./types.ts";

/**
 * A transaction begins at least so many milliseconds after the one before: if nobody waits, or if one does.
 * The short one is shorter than a question and its answer take: who asks one after the other does not wait
 * for it.
 */
const PAUSE_MS = 20;
const SHORT_PAUSE_MS = 1;
/** So long a transaction applies messages, at most. Longer ones would be cheaper, but somebody may wait. */
const LONGEST_MS = 50;

export interface WriterOptions {
  database: Database;
  rules: Rules;
  positions: ReadPositions;
  /** Whether somebody waits for what this topic brings: then it is not held back. */
  isWaitedFor(topic: ReadTopic): boolean;
  /** Called after each transaction. */
  onWritten(positions: Positions, ids: readonly string[]): void;
  /** Called before those who have added what could not be written are told. */
  onFailure(error: unknown): void;
}

class StoppedError extends Error {}

export class BatchWriter {
  readonly #options: WriterOptions;
  readonly #queues = new MessageQueues();
  #timer: NodeJS.Timeout | undefined;
  /** When it is to fire. */
  #due = 0;
  #immediate: NodeJS.Immediate | undefined;
  #lastWrite = 0;
  #isStopped = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Resolves when the messages are in the database. `next` is the offset behind them. */
  add(topic: ReadTopic, partition: number, messages: readonly Message[], next: number): Promise<void> {
    if (this.#isStopped) return Promise.reject(new StoppedError());
    const written = this.#queues.add(topic, partition, messages, next);
    this.#schedule(this.#options.isWaitedFor(topic));
    return written;
  }

  /** What Kafka has deleted unread will not come. */
  passDeleted(ends: TopicEnds): void {
    const { positions } = this.#options;
    for (const [topic, partitions] of ends)
      for (const [partition, { low }] of partitions)
        if ((positions.of(topic, partition)?.next ?? 0) < low)
          this.add(topic, partition, [], low).catch(() => {}); // Told by onFailure.
  }

  /** Writes at once what is there. */
  hurry(): void {
    if (!this.#queues.isEmpty) this.#writeSoon();
  }

  /** Writes nothing any more: what is not written yet stays in Kafka. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#queues.rejectAll(new StoppedError());
  }

  #schedule(isUrgent: boolean): void {
    if (this.#immediate !== undefined) return;
    const due = this.#lastWrite + (isUrgent ? SHORT_PAUSE_MS : PAUSE_MS);
    const wait = due - performance.now();
    if (wait <= 0 || this.#queues.isFull) this.#writeSoon();
    else if (this.#timer === undefined || due < this.#due) {
      clearTimeout(this.#timer);
      this.#due = due;
      this.#timer = setTimeout(() => this.#writeSoon(), wait);
    }
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
    const { database, rules, positions, onWritten, onFailure } = this.#options;
    const done: Part[] = [];
    let written: Positions;
    try {
      written = inTransaction(database, () => {
        const end = performance.now() + LONGEST_MS;
        while (!this.#queues.isEmpty && performance.now() < end)
          for (const topic of READ_TOPICS)
            for (const slice of this.#queues.take(topic)) {
              this.#apply(topic, slice);
              if (slice.isLast) done.push(slice.part);
            }
        rules.figures.write();
        return positions.write(database);
      });
    } catch (error) {
      onFailure(error);
      for (const { reject } of done) reject(error);
      this.#queues.rejectAll(error);
      return;
    }
    this.#lastWrite = performance.now();
    const ids = [...rules.rows.changed];
    rules.rows.changed.clear();
    for (const { resolve } of done) resolve();
    onWritten(written, ids);
    if (!this.#queues.isEmpty) this.#writeSoon();
  }

  #apply(topic: ReadTopic, { part, messages, isLast }: Slice): void {
    const { rules, positions } = this.#options;
    const apply = rules.apply[topic];
    // A batch that cannot be read: in `tasks` it is a task that nobody can answer, elsewhere nothing.
    for (const message of messages) if (message.unreadable === undefined || topic === "tasks") apply(message);
    const last = messages.at(-1);
    const next = isLast ? part.next : Number(last?.offset) + 1;
    positions.set(topic, part.partition, next, last);
  }
}
