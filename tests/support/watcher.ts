/**
 * Watchers of the live events, many in one process: each notes only how often it was told of the end of each
 * task. As a browser does, a watcher that is cut off connects again and resumes.
 */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Change, LiveState } from "../../application/gateway/live/wire.ts";

/** Texts that are remembered: all watchers are sent the same. */
const TEXTS = 100;

/** What several watchers share: a number for each task, and what the texts say. */
export class Told {
  readonly #numbers = new Map<string, number>();
  readonly #texts = new Map<string, number[]>();
  readonly capacity: number;

  /** For so many tasks at most. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  numberOf(id: string): number {
    const number = this.#numbers.get(id) ?? this.#numbers.size;
    this.#numbers.set(id, number);
    return number;
  }

  /** The tasks whose end this tells. */
  endsOf(data: string, isResync: boolean): number[] {
    const known = this.#texts.get(data);
    if (known !== undefined) return known;
    const ids = isResync
      ? (JSON.parse(data) as LiveState).timeline.map(({ id }) => id)
      : (JSON.parse(data) as { changes: Change[] }).changes.flatMap((change) =>
          change.kind === "ended" ? change.id : [],
        );
    const ends = ids.map((id) => this.numberOf(id));
    if (this.#texts.size === TEXTS) this.#texts.clear();
    this.#texts.set(data, ends);
    return ends;
  }
}

export class Watcher {
  /** How many different tasks it was told of. */
  tasks = 0;
  readonly #told: Told;
  readonly #counts: Uint8Array;
  #lastId: string | undefined;

  constructor(told: Told) {
    this.#told = told;
    this.#counts = new Uint8Array(told.capacity);
  }

  /** How often it was told of this task. */
  countOf(id: string): number {
    return this.#counts[this.#told.numberOf(id)] ?? 0;
  }

  /** Follows the events until the signal is aborted. Rejects when it is refused. */
  async watch(url: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const headers = this.#lastId === undefined ? {} : { "last-event-id": this.#lastId };
      const request = get(`${url}/events`, { headers, agent: false, signal });
      try {
        const [response] = (await once(request, "response")) as [IncomingMessage];
        if (response.statusCode !== 200) throw new Error(`GET /events: ${response.statusCode}`);
        await this.#read(response);
      } catch (error) {
        // What ends in the middle was cut off.
        if (!signal.aborted && (error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
      }
      if (!signal.aborted) await sleep(100);
    }
  }

  async #read(response: IncomingMessage): Promise<void> {
    let rest = "";
    for await (const text of response.setEncoding("utf8")) {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.#note(block);
    }
  }

  #note(block: string): void {
    const [, id, name, data = ""] = /^(?:id: (.*)\n)?event: (.*)\ndata: (.*)$/.exec(block) ?? [];
    this.#lastId = id ?? this.#lastId;
    if (name !== "changes" && name !== "resync") return;
    for (const number of this.#told.endsOf(data, name === "resync")) {
      const count = this.#counts[number] ?? 0;
      if (count === 0) this.tasks += 1;
      // A resync tells the last minute anew, so also what is known.
      if (count === 0 || name === "changes") this.#counts[number] = count + 1;
    }
  }
}
