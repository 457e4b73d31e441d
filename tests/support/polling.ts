/**
 * Clients that ask for tasks again and again, from the moment at which a 202 named them, and note what a
 * gateway may never say.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isFinal, type TaskAnswer } from "./crowd_of_tasks.ts";

/** Milliseconds between two questions of one client. */
const PAUSE_MS = 10;

/** What a question came to: the answer's status; 0 where nobody answered, or the answer was cut off. */
type Outcome = number;

export class Polling {
  /** What was wrong: an id that is not known, a status that is final and changes. */
  readonly faults: string[] = [];
  readonly #url: string;
  /** Whoever was not asked for longest comes first. */
  readonly #queue: string[] = [];
  readonly #ends = new Map<string, string>();
  readonly #counts = new Map<Outcome, number>();
  readonly #clients: Promise<void>[];
  #isOver = false;

  constructor(url: string, clients = 8) {
    this.#url = url;
    this.#clients = Array.from({ length: clients }, () => this.#pollUntilOver());
  }

  /** A task that was accepted just now: it is the next one that is asked for. */
  add(id: string): void {
    this.#queue.unshift(id);
  }

  /** Resolves when so many more questions have come to this. */
  async sees(outcome: Outcome, count = 1): Promise<void> {
    const wanted = this.#count(outcome) + count;
    while (this.#count(outcome) < wanted) await sleep(PAUSE_MS);
  }

  /** Resolves when each client has had its last answer. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  #count(outcome: Outcome): number {
    return this.#counts.get(outcome) ?? 0;
  }

  async #pollUntilOver(): Promise<void> {
    while (!this.#isOver) {
      const id = this.#queue.shift();
      if (id !== undefined) {
        const outcome = await this.#ask(id);
        this.#counts.set(outcome, this.#count(outcome) + 1);
        this.#queue.push(id);
      }
      await sleep(PAUSE_MS);
    }
  }

  async #ask(id: string): Promise<Outcome> {
    const answer = await fetch(`${this.#url}/tasks/${id}`)
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => undefined);
    if (answer === undefined || answer.status === 503) return answer?.status ?? 0;
    const { status, text } = answer;
    if (status === 200) this.#check(id, JSON.parse(text));
    else this.faults.push(`${id}: ${status} ${text}`);
    return status;
  }

  #check(id: string, task: TaskAnswer): void {
    const before = this.#ends.get(id);
    if (before !== undefined && task.status !== before)
      this.faults.push(`${id}: ${before}, then ${task.status}`);
    if (isFinal(task)) this.#ends.set(id, task.status);
  }
}
