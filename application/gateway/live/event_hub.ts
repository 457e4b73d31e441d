/**
 * Sends the live events to all open streams: what a tick brings is computed and written out once, for however
 * many. While no stream is open nothing is computed.
 */
import type { View } from "../../view/types.ts";
import type { QueueWatch } from "../queue/queue_watch.ts";
import type { EventStream } from "./event_stream.ts";
import { EventTexts, LARGEST_GAP } from "./event_texts.ts";
import type { LiveReader } from "./live_reader.ts";
import { Newcomers } from "./newcomers.ts";
import { distance, type Vector } from "./vector.ts";

/** At most 20 updates a second. */
const TICK_MS = 50;
/** Lanes, workers and totals are sent whole, and so at most ten times a second. */
const QUEUE_MS = 100;
/** Rates change although nothing happens. */
const IDLE_MS = 1000;
const HEARTBEAT_MS = 15_000;
/** So often while more happens than can be told. */
const RESYNC_MS = 1000;

interface HubOptions {
  view: Pick<View, "onCommit" | "readToEnd">;
  queue: Pick<QueueWatch, "onChange" | "follow">;
  reader: LiveReader;
}

/** The one place where streams are opened and told; it works while there is one. */
export class EventHub {
  readonly #options: HubOptions;
  readonly #texts: EventTexts;
  readonly #streams = new Set<EventStream>();
  readonly #newcomers: Newcomers;
  /** What all of #streams have been told. */
  #vector: Vector | undefined;
  #queueText = "";
  #queueAt = 0;
  #nextTick = 0;
  #timer: NodeJS.Timeout | undefined;
  #endings: (() => void)[] = [];

  constructor(options: HubOptions) {
    this.#options = options;
    this.#texts = new EventTexts(options.reader);
    this.#newcomers = new Newcomers(options.view, this.#texts, () => this.#soon());
  }

  get size(): number {
    return this.#streams.size + this.#newcomers.size;
  }

  /** `lastId` is the id of the last event that the client has seen. Call remove() when it is gone. */
  add(stream: EventStream, lastId: string | undefined): void {
    if (this.size === 0) this.#start();
    this.#newcomers.add(stream, lastId);
    this.#soon();
  }

  remove(stream: EventStream): void {
    this.#streams.delete(stream);
    this.#newcomers.delete(stream);
    if (this.size === 0) this.#stop();
  }

  /** Ends all streams; reads nothing more. */
  close(): void {
    for (const stream of this.#all()) {
      stream.end();
      this.remove(stream);
    }
  }

  #all(): EventStream[] {
    return [...this.#streams, ...this.#newcomers.streams];
  }

  #start(): void {
    const { view, queue } = this.#options;
    const soon = () => this.#soon();
    const heartbeat = setInterval(() => {
      for (const stream of this.#all()) stream.beat();
    }, HEARTBEAT_MS);
    const idle = setInterval(soon, IDLE_MS);
    this.#endings = [
      view.onCommit(soon),
      queue.onChange(soon),
      queue.follow(),
      () => clearInterval(heartbeat),
      () => clearInterval(idle),
    ];
  }

  #stop(): void {
    for (const end of this.#endings) end();
    this.#endings = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#vector = undefined;
    this.#queueText = "";
  }

  #soon(): void {
    if (this.size === 0) return;
    this.#timer ??= setTimeout(() => this.#tick(), Math.max(0, this.#nextTick - performance.now()));
  }

  #tick(): void {
    this.#timer = undefined;
    const now = performance.now();
    this.#nextTick = now + TICK_MS;
    this.#options.reader.look(() => {
      const to = this.#options.reader.vector();
      const from = this.#vector ?? to;
      this.#vector = to;
      if (this.#streams.size > 0) {
        if (distance(from, to) > LARGEST_GAP) this.#nextTick = now + RESYNC_MS;
        const chunk = Buffer.from(this.#texts.tell(from, to) + this.#tellQueue(now));
        if (chunk.length > 0) for (const stream of this.#streams) stream.send(chunk);
      }
      for (const stream of this.#newcomers.welcome(to)) this.#streams.add(stream);
    });
  }

  /** The queue event, if it is due and says anything new. */
  #tellQueue(now: number): string {
    if (now - this.#queueAt < QUEUE_MS) {
      this.#soon();
      return "";
    }
    this.#queueAt = now;
    const text = this.#texts.tellQueue();
    if (text === this.#queueText) return "";
    this.#queueText = text;
    return text;
  }
}
