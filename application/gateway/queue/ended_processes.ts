/** Members whose process has ended, as whoever started it told: before Kafka notices. */
import { SESSION_MS } from "../../../common/kafka/keep_alive.ts";
import type { Membership } from "./ask_kafka.ts";

/** So long Kafka lists one that has ended, at most: its session, and the time until Kafka looks for it. */
const LISTED_MS = 2 * SESSION_MS;

export class EndedProcesses {
  /**
   * Names, and when their process ended. One that Kafka lists only then under such a name is that process,
   * which had joined a moment before its end; after a session's time it is another one.
   */
  readonly #names = new Map<string, number>();
  /** Member ids, and until when they are taken for dead. */
  readonly #ids = new Map<string, number>();

  /** A process of this name has ended. */
  add(name: string, at: number, members: Membership["members"]): void {
    this.#names.set(name, at);
    this.see(at, members);
  }

  /** It is started again: who comes under this name from now on is alive. */
  delete(name: string): void {
    this.#names.delete(name);
  }

  /** Takes in whom Kafka lists now. */
  see(at: number, members: Membership["members"]): void {
    for (const [name, endedAt] of this.#names) if (at > endedAt + SESSION_MS) this.#names.delete(name);
    for (const { id, name } of members) {
      const endedAt = this.#names.get(name);
      if (endedAt !== undefined && !this.#ids.has(id)) this.#ids.set(id, endedAt + LISTED_MS);
    }
    for (const [id, until] of this.#ids)
      if (at > until || !members.some((member) => member.id === id)) this.#ids.delete(id);
  }

  hasName(name: string): boolean {
    return this.#names.has(name);
  }

  hasMember(id: string): boolean {
    return this.#ids.has(id);
  }
}
