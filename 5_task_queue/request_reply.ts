/**
 * Request and reply over two topics (Hohpe and Woolf's "Request-Reply" with a "Correlation Identifier"): each
 * task carries a UUID, its answer repeats it, and a map of open questions tells whose answer has come.
 */
import { randomUUID } from "node:crypto";
import type { Measurements } from "../common/iris.ts";
import type { KafkaConnection } from "../common/kafka/client.ts";
import type { RunningConsumer } from "../common/kafka/consume_plan.ts";
import type { Producer } from "../common/kafka/producer.ts";
import { type Failure, parseResult, type Result } from "../common/messages.ts";

export interface Reply {
  task_id: string;
  X: Measurements;
  /** The worker's answer, its refusal, or undefined when the time ran out. */
  answer: Result | Failure | undefined;
  /** Whether Kafka has taken the task; it may be away, and then the time runs out all the same. */
  sent: boolean;
  /** From sending to the answer. */
  milliseconds: number;
}

/**
 * Questions whose time ran out are remembered, so that a late answer can be told; the oldest is forgotten.
 */
const MOST_TIMED_OUT = 10_000;

/** Asks the workers. open() gets ready to hear every answer before the first question is sent. */
export class TaskQueue {
  readonly #kafka: KafkaConnection;
  readonly #producer: Producer;
  readonly #onLate: (answer: Result | Failure) => void;
  readonly #open = new Map<string, (answer: Result | Failure) => void>();
  readonly #timedOut = new Set<string>();
  /** Where to read on in each partition of `results`. */
  readonly #next: Map<number, string>;
  /** A group of its own, since every client has to see every result. It is deleted when the client leaves. */
  readonly #groupId: string;
  readonly #consumer: RunningConsumer;

  private constructor(
    kafka: KafkaConnection,
    producer: Producer,
    ends: Map<number, string>,
    onLate: (answer: Result | Failure) => void,
  ) {
    this.#kafka = kafka;
    this.#producer = producer;
    this.#next = ends;
    this.#onLate = onLate;
    this.#groupId = kafka.groups.client(randomUUID());
    this.#consumer = kafka.consume({
      groupId: this.#groupId,
      topic: kafka.topics.results,
      fromBeginning: false,
      // On every join, not only the first. A partition that is new since the snapshot is read from its
      // beginning.
      onAssigned: (partitions, seek) => {
        for (const partition of partitions) seek(partition, this.#next.get(partition) ?? "0");
      },
      eachBatch: async ({ messages, resolve }) => {
        for (const { partition, offset, value } of messages) {
          this.#next.set(partition, String(BigInt(offset) + 1n));
          resolve(offset);
          this.#receive(value);
        }
      },
    });
  }

  /** `onLate` is told of answers that come after their time. */
  static async open(kafka: KafkaConnection, onLate: (answer: Result | Failure) => void): Promise<TaskQueue> {
    // Where `results` ends before the first question: no answer of ours lies before it. A new group that just
    // begins "at the end" finds out where that is at its first fetch, and misses what came before that.
    const [ends, producer] = await Promise.all([
      kafka.ask((admin) => admin.fetchTopicOffsets(kafka.topics.results)),
      kafka.producer(),
    ]);
    return new TaskQueue(
      kafka,
      producer,
      new Map(ends.map(({ partition, high }) => [partition, high])),
      onLate,
    );
  }

  /** Rejects when no answer can be heard any more; never resolves, also when the queue is closed. */
  get failed(): Promise<never> {
    return this.#consumer.finished.then(() => new Promise<never>(() => {}));
  }

  /** Sends a task. Resolves with its reply, or when the time is up; rejects when Kafka refuses it. */
  ask(X: Measurements, timeoutSeconds: number, task_id: string = randomUUID()): Promise<Reply> {
    const start = performance.now();
    let sent = false;
    return new Promise<Reply>((resolve, reject) => {
      const settle = (answer?: Result | Failure) => {
        clearTimeout(timer);
        this.#open.delete(task_id);
        if (answer === undefined) this.#remember(task_id);
        resolve({ task_id, X, answer, sent, milliseconds: performance.now() - start });
      };
      const timer = setTimeout(settle, timeoutSeconds * 1000);
      this.#open.set(task_id, settle);
      // Tasks that are asked together travel together. While Kafka is away this is repeated until it is back,
      // which may be longer than a client wants to wait.
      const value = JSON.stringify({ task_id, X });
      this.#producer.send(this.#kafka.topics.tasks, [{ value }]).then(
        () => {
          sent = true;
        },
        (error) => {
          clearTimeout(timer);
          this.#open.delete(task_id);
          reject(error);
        },
      );
    });
  }

  #receive(value: Buffer | null): void {
    const result = parseResult(value);
    // Others' answers, and rubbish, are not ours to deal with; a second answer to the same task is ignored.
    if (!result.ok || result.value.task_id === undefined) return;
    const { task_id } = result.value;
    this.#open.get(task_id)?.(result.value);
    if (this.#timedOut.delete(task_id)) this.#onLate(result.value);
  }

  #remember(task_id: string): void {
    this.#timedOut.add(task_id);
    const [oldest] = this.#timedOut;
    if (this.#timedOut.size > MOST_TIMED_OUT && oldest !== undefined) this.#timedOut.delete(oldest);
  }

  /** Leaves, and deletes the client's group. */
  async close(): Promise<void> {
    await this.#consumer.stop();
    // A group that still has a member (of a broken connection, say) cannot be deleted; Kafka forgets it in
    // time.
    await this.#kafka.ask((admin) => admin.deleteGroups([this.#groupId]), 1).catch(() => {});
    await this.#kafka.close();
  }
}
