/** How much waited, and for how long, in the last minutes: no topic tells that afterwards. */
import { BUCKET_SECONDS } from "../../view/schema.ts";
import type { QueueState } from "../live/wire.ts";

export interface QueueSample {
  waiting: number;
  /** Age of the oldest that waited; 0 if nothing did. */
  oldest_seconds: number;
}

export class QueueSamples {
  readonly #read: () => QueueState;
  readonly #samples = new Map<number, QueueSample>();
  readonly #timer: NodeJS.Timeout;

  /** Looks at the queue once in each bucket, until close(). */
  constructor(read: () => QueueState, keepSeconds: number) {
    this.#read = read;
    this.#timer = setInterval(() => this.#sample(keepSeconds), BUCKET_SECONDS * 1000);
  }

  /** By the bucket's first second. */
  of(bucket: number): QueueSample | undefined {
    return this.#samples.get(bucket);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sample(keepSeconds: number): void {
    const now = Date.now();
    const { waiting, oldest_at = now } = this.#read().totals;
    const bucket = Math.floor(now / 1000 / BUCKET_SECONDS) * BUCKET_SECONDS;
    this.#samples.set(bucket, { waiting, oldest_seconds: Math.max(0, now - oldest_at) / 1000 });
    for (const kept of this.#samples.keys()) if (kept < bucket - keepSeconds) this.#samples.delete(kept);
  }
}
