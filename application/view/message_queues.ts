/** What was read and is not written yet, topic by topic. */
import type { Message } from "../../common/kafka/consume_plan.ts";
import { READ_TOPICS, type ReadTopic } from "./types.ts";

/** So many messages of a topic are taken, then those of the next one. */
const SLICE = 500;

/** Messages of one partition, as one fetch brought them. */
export interface Part {
  partition: number;
  messages: readonly Message[];
  /** Where the partition goes on behind them. */
  next: number;
  /** How many of them were taken. */
  taken: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Messages that follow each other. */
export interface Slice {
  part: Part;
  messages: readonly Message[];
  /** Whether they are the last of their part. */
  isLast: boolean;
}

export class MessageQueues {
  readonly #queues = new Map<ReadTopic, Part[]>(READ_TOPICS.map((topic) => [topic, []]));

  /** Resolves when somebody resolves the part that this makes. */
  add(topic: ReadTopic, partition: number, messages: readonly Message[], next: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queues.get(topic)?.push({ partition, messages, next, taken: 0, resolve, reject });
    });
  }

  get isEmpty(): boolean {
    return [...this.#queues.values()].every(({ length }) => length === 0);
  }

  /** Whether so much is there that to wait for more would only hold it up. */
  get isFull(): boolean {
    return [...this.#queues.values()].some((queue) => queue.some(({ messages }) => messages.length >= SLICE));
  }

  /** Takes the next messages of a topic. */
  *take(topic: ReadTopic): Generator<Slice> {
    const queue = this.#queues.get(topic) ?? [];
    for (let left = SLICE; queue[0] !== undefined && left > 0; ) {
      const part = queue[0];
      const messages = part.messages.slice(part.taken, part.taken + left);
      part.taken += messages.length;
      left -= messages.length;
      const isLast = part.taken === part.messages.length;
      if (isLast) queue.shift();
      yield { part, messages, isLast };
    }
  }

  rejectAll(error: unknown): void {
    for (const queue of this.#queues.values()) for (const { reject } of queue.splice(0)) reject(error);
  }
}
