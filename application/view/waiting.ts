/** Who waits in the main thread for what the view will hold. */
import { type Positions, READ_TOPICS, type ReadTopic } from "./types.ts";

interface Waiter {
  isThere(): boolean;
  resolve(): void;
  reject(reason: unknown): void;
}

type Offsets = Record<ReadTopic, Record<number, number>>;

/** Is told when one more waits, or one less: for offsets, or for a change of a task. */
type OnCount = (change: 1 | -1, what: "offsets" | "task") => void;

export class Waiting {
  #positions: Offsets = noOffsets();
  readonly #reaching = new Set<Waiter>();
  readonly #changes = new Map<string, Set<Waiter>>();
  #failure: { reason: unknown } | undefined;
  readonly #onCount: OnCount;

  constructor(onCount: OnCount) {
    this.#onCount = onCount;
  }

  get positions(): Positions {
    return this.#positions;
  }

  /** Whether the view holds everything before these offsets. */
  holds(positions: Positions): boolean {
    return READ_TOPICS.every((topic) =>
      Object.entries(positions[topic] ?? {}).every(
        ([partition, offset]) => (this.#positions[topic][Number(partition)] ?? 0) >= offset,
      ),
    );
  }

  /** How many messages are missing up to these offsets. */
  missing(positions: Positions): number {
    let missing = 0;
    for (const topic of READ_TOPICS)
      for (const [partition, offset] of Object.entries(positions[topic] ?? {}))
        missing += Math.max(0, offset - (this.#positions[topic][Number(partition)] ?? 0));
    return missing;
  }

  reached(positions: Positions, signal?: AbortSignal): Promise<void> {
    const isThere = () => this.holds(positions);
    return isThere() && !signal?.aborted ? Promise.resolve() : this.#wait(this.#reaching, isThere, signal);
  }

  changed(id: string, signal: AbortSignal): Promise<void> {
    const waiters = this.#changes.get(id) ?? new Set();
    this.#changes.set(id, waiters);
    const forget = () => {
      if (waiters.size === 0 && this.#changes.get(id) === waiters) this.#changes.delete(id);
    };
    return this.#wait(waiters, () => true, signal).finally(forget);
  }

  #wait(waiters: Set<Waiter>, isThere: () => boolean, signal?: AbortSignal): Promise<void> {
    const what = waiters === this.#reaching ? "offsets" : "task";
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure.reason);
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        waiters.delete(waiter);
        this.#onCount(-1, what);
        signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        isThere,
        resolve() {
          leave();
          resolve();
        },
        reject(reason) {
          leave();
          reject(reason);
        },
      };
      const abort = () => waiter.reject(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      waiters.add(waiter);
      this.#onCount(1, what);
    });
  }

  /** A transaction has brought the view to these offsets, and changed these tasks. */
  committed(positions: Positions, ids: readonly string[]): void {
    for (const topic of READ_TOPICS) Object.assign(this.#positions[topic], positions[topic]);
    for (const waiter of [...this.#reaching]) if (waiter.isThere()) waiter.resolve();
    if (this.#changes.size === 0) return;
    for (const id of ids) for (const waiter of [...(this.#changes.get(id) ?? [])]) waiter.resolve();
  }

  /** The view holds nothing any more. */
  emptied(): void {
    this.#positions = noOffsets();
  }

  /** Nothing will come any more. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    for (const waiters of [this.#reaching, ...this.#changes.values()])
      for (const waiter of [...waiters]) waiter.reject(reason);
  }
}

function noOffsets(): Offsets {
  return Object.fromEntries(READ_TOPICS.map((topic) => [topic, {}])) as Offsets;
}
