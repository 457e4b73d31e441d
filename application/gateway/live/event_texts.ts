/** The live events as they go over the line, each made once for all that get it. */
import { formatEvent } from "./event_stream.ts";
import type { LiveReader } from "./live_reader.ts";
import { distance, parseId, type Vector } from "./vector.ts";

/** A larger gap is not told change by change. */
export const LARGEST_GAP = 2000;

/** Writes the events out; who gets them is the hub's business. */
export class EventTexts {
  readonly #reader: LiveReader;

  constructor(reader: LiveReader) {
    this.#reader = reader;
  }

  /** What came between two vectors; nothing when there is nothing to be seen of it. */
  tell(from: Vector, to: Vector): string {
    const gap = distance(from, to);
    if (gap === 0) return "";
    if (gap < 0 || gap > LARGEST_GAP) return this.tellAll("resync", to);
    const changes = this.#reader.changes(from, to);
    return changes.length === 0
      ? ""
      : formatEvent("changes", JSON.stringify({ changes }), this.#reader.id(to));
  }

  tellAll(event: "state" | "resync", to: Vector): string {
    return formatEvent(event, JSON.stringify(this.#reader.state()), this.#reader.id(to));
  }

  tellQueue(): string {
    return formatEvent("queue", JSON.stringify(this.#reader.queue()));
  }

  /**
   * The first events of a client that has seen the event `lastId`, or none. "later": the view may be behind
   * it; not if it has read the whole log since (`isLast`).
   */
  welcome(lastId: string | undefined, to: Vector, isLast: boolean): string | "later" {
    if (lastId === undefined) return this.tellAll("state", to);
    const from = parseId(lastId);
    if (from === undefined || from.log !== this.#reader.log) return this.tellAll("resync", to);
    if (distance(from.vector, to) < 0) return isLast ? this.tellAll("resync", to) : "later";
    if (!this.#reader.isOfThisLog(from)) return this.tellAll("resync", to);
    return this.tell(from.vector, to) + this.tellQueue();
  }
}
