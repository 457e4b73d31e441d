/** Streams that have just been opened: each is first sent what it does not know yet. */
import { setTimeout as sleep } from "node:timers/promises";
import type { View } from "../../view/types.ts";
import type { EventStream } from "./event_stream.ts";
import type { EventTexts } from "./event_texts.ts";
import type { Vector } from "./vector.ts";

/** While Kafka is away. */
const ASK_AGAIN_MS = 1000;

interface Newcomer {
  /** The id of the last event that it has seen. */
  lastId: string | undefined;
  /** Whether it waits until the view has read on. */
  isWaiting: boolean;
  /** Whether the view has read the whole log since: what it does not reach then, the log never had. */
  isLast: boolean;
}

/** Holds each until it has been told what the others know. */
export class Newcomers {
  readonly #view: Pick<View, "readToEnd">;
  readonly #texts: EventTexts;
  readonly #onNews: () => void;
  readonly #streams = new Map<EventStream, Newcomer>();

  /** `onNews` is called when one that had to wait need not wait any longer. */
  constructor(view: Pick<View, "readToEnd">, texts: EventTexts, onNews: () => void) {
    this.#view = view;
    this.#texts = texts;
    this.#onNews = onNews;
  }

  get streams(): EventStream[] {
    return [...this.#streams.keys()];
  }

  get size(): number {
    return this.#streams.size;
  }

  add(stream: EventStream, lastId: string | undefined): void {
    this.#streams.set(stream, { lastId, isWaiting: false, isLast: false });
  }

  delete(stream: EventStream): void {
    this.#streams.delete(stream);
  }

  /** Sends to each what it does not know, and returns those that now know what the vector reflects. */
  welcome(to: Vector): EventStream[] {
    const welcomed: EventStream[] = [];
    const chunks = new Map<string, Buffer>();
    for (const [stream, newcomer] of this.#streams) {
      const { lastId, isLast } = newcomer;
      const key = `${isLast} ${lastId}`;
      const text = chunks.get(key) ?? this.#texts.welcome(lastId, to, isLast);
      if (text === "later") {
        if (!newcomer.isWaiting) void this.#waitForEnd(stream, newcomer);
        continue;
      }
      const chunk = typeof text === "string" ? Buffer.from(text) : text;
      chunks.set(key, chunk);
      stream.send(chunk);
      this.#streams.delete(stream);
      welcomed.push(stream);
    }
    return welcomed;
  }

  async #waitForEnd(stream: EventStream, newcomer: Newcomer): Promise<void> {
    newcomer.isWaiting = true;
    while (this.#streams.has(stream) && !newcomer.isLast) {
      try {
        await this.#view.readToEnd();
        newcomer.isLast = true;
      } catch {
        await sleep(ASK_AGAIN_MS); // Kafka is away, and so is what this client waits for.
      }
    }
    this.#onNews();
  }
}
