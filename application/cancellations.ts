/**
 * What a worker hears of cancellations, on `task-events`. What becomes of a task, `results` tells: a
 * cancellation that is not heard costs work, and nothing else.
 */
import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "../common/kafka/client.ts";
import type { RunningConsumer } from "../common/kafka/consume_plan.ts";
import { CancelledIds } from "./cancelled_ids.ts";
import { parseTaskEvent } from "./task_events.ts";
import { areWorkedOff, type Ends, endsOf } from "./tasks_ends.ts";
import { applicationGroups, applicationTopics } from "./topics.ts";

/** Most events are STARTED. To parse them would take most of the time that a long log takes. */
const WANTED = "CANCEL_REQUESTED";

export class Cancellations {
  readonly #kafka: KafkaConnection;
  readonly #ids: CancelledIds;
  readonly #running = new Map<string, AbortController>();
  /**
   * Of its own, since each worker has to hear of every cancellation. It is deleted when the worker leaves.
   */
  readonly #groupId: string;
  readonly #consumer: RunningConsumer;
  /** Where to read on in each partition of `task-events`. */
  readonly #next: Map<number, bigint>;
  #onPassed = () => {};

  private constructor(kafka: KafkaConnection, from: Map<number, bigint>) {
    this.#kafka = kafka;
    this.#ids = new CancelledIds(kafka);
    this.#next = from;
    this.#groupId = applicationGroups(kafka.settings.prefix).worker(randomUUID());
    this.#consumer = kafka.consume({
      groupId: this.#groupId,
      topic: applicationTopics(kafka.settings.prefix).events,
      fromBeginning: true,
      onAssigned: (partitions, seek) => {
        for (const partition of partitions) seek(partition, String(this.#next.get(partition) ?? 0n));
      },
      onPassed: (partition, lastOffset) => this.#passed(partition, lastOffset),
      eachBatch: async ({ partition, messages, lastOffset, resolve }) => {
        for (const { value, offset } of messages) {
          this.#read(value);
          resolve(offset);
        }
        this.#passed(partition, lastOffset);
      },
    });
  }

  /** Resolves when it has read what is there: a task that was cancelled before is then not begun. */
  static async open(kafka: KafkaConnection): Promise<Cancellations> {
    // In this order: what was cancelled before the first answer was in `tasks` before the second.
    const ends = await endsOf(kafka, applicationTopics(kafka.settings.prefix).events);
    const nothingWaits = await areWorkedOff(kafka, await endsOf(kafka, kafka.topics.tasks));
    const startOf = ({ low, high }: Ends[number]) => BigInt(nothingWaits ? high : low);
    const from = new Map(ends.map((end) => [end.partition, startOf(end)]));
    const cancellations = new Cancellations(kafka, from);
    await Promise.race([cancellations.#haveRead(ends), cancellations.failed]);
    return cancellations;
  }

  /** Rejects when cancellations can no longer be heard; never resolves. */
  get failed(): Promise<never> {
    return this.#consumer.finished.then(() => new Promise<never>(() => {}));
  }

  /** Whether the task is cancelled. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Does a task's work; undefined when it is cancelled meanwhile, which aborts the signal. */
  async unlessCancelled<T>(id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const running = new AbortController();
    this.#running.set(id, running);
    try {
      return await work(running.signal);
    } catch (error) {
      if (running.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#running.delete(id);
    }
  }

  async close(): Promise<void> {
    this.#ids.close();
    await this.#consumer.stop();
    // If a broken connection is still listed as its member, Kafka forgets the group in time.
    await this.#kafka.ask((admin) => admin.deleteGroups([this.#groupId]), 1).catch(() => {});
  }

  #read(value: Buffer | null): void {
    if (value === null || !value.includes(WANTED)) return;
    const event = parseTaskEvent(value);
    // Rubbish cancels nothing.
    if (!event.ok || event.value.event !== WANTED) return;
    this.#ids.add(event.value.task_id);
    this.#running.get(event.value.task_id)?.abort();
  }

  #passed(partition: number, lastOffset: string): void {
    this.#next.set(partition, BigInt(lastOffset) + 1n);
    this.#onPassed();
  }

  #haveRead(ends: Ends): Promise<void> {
    const areRead = () =>
      ends.every(({ partition, high }) => (this.#next.get(partition) ?? 0n) >= BigInt(high));
    return new Promise((resolve) => {
      this.#onPassed = () => {
        if (areRead()) resolve();
      };
      this.#onPassed();
    });
  }
}
