/** The ids of cancelled tasks, remembered as long as these tasks may still wait. */
import type { KafkaConnection } from "../common/kafka/client.ts";
import { isOutage } from "../common/kafka/errors.ts";
import { areWorkedOff, type Ends, endsOf } from "./tasks_ends.ts";

/** So often it is looked which may be forgotten; not at all while there are none. */
const LOOK_EVERY_MS = 10_000;

export class CancelledIds {
  readonly #kafka: KafkaConnection;
  readonly #lookEveryMs: number;
  #young = new Set<string>();
  /** Those whose tasks lie before #closedAt, in `tasks`. */
  #old = new Set<string>();
  /** Undefined while there are no old ones, or while Kafka has not said it yet. */
  #closedAt: Ends | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(kafka: KafkaConnection, lookEveryMs = LOOK_EVERY_MS) {
    this.#kafka = kafka;
    this.#lookEveryMs = lookEveryMs;
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  add(id: string): void {
    this.#young.add(id);
    this.#timer ??= this.#later();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => void this.#forget(), this.#lookEveryMs).unref();
  }

  /**
   * When a task was cancelled, it was in `tasks`: it is over when the workers have committed what was there
   * then. So ids are closed together, with the ends of a later moment, and are forgotten together.
   */
  async #forget(): Promise<void> {
    try {
      if (this.#closedAt !== undefined && (await areWorkedOff(this.#kafka, this.#closedAt))) {
        this.#old = new Set();
        this.#closedAt = undefined;
      }
      if (this.#old.size === 0) [this.#old, this.#young] = [this.#young, this.#old];
      if (this.#old.size > 0) this.#closedAt ??= await endsOf(this.#kafka, this.#kafka.topics.tasks);
    } catch (error) {
      // Kafka does not answer: they are kept, and it is asked again.
      if (!isOutage(error)) throw error;
    }
    const areSome = this.#young.size + this.#old.size > 0;
    this.#timer = areSome && !this.#isClosed ? this.#later() : undefined;
  }
}
