/** Questions to the thread, where the topics end: who asks at the same time shares one. */
import type { Positions, ReadTopic } from "./types.ts";

interface Question {
  id: number;
  topics: Set<ReadTopic>;
  answer: Promise<Positions>;
  resolve(ends: Positions): void;
  reject(reason: unknown): void;
}

export class EndsAsker {
  readonly #send: (id: number, topics: readonly ReadTopic[]) => void;
  /** Travels. It may have been answered before somebody asked who comes now. */
  #sent: Question | undefined;
  /** Goes when the other one is back. */
  #next: Question | undefined;
  #count = 0;
  #failure: { reason: unknown } | undefined;

  constructor(send: (id: number, topics: readonly ReadTopic[]) => void) {
    this.#send = send;
  }

  /** Where these topics end, and perhaps others, as Kafka tells from now on. */
  ask(topics: readonly ReadTopic[]): Promise<Positions> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    this.#next ??= this.#create();
    for (const topic of topics) this.#next.topics.add(topic);
    const { answer } = this.#next;
    if (this.#sent === undefined) this.#sendNext();
    return answer;
  }

  #create(): Question {
    this.#count += 1;
    const question = { id: this.#count, topics: new Set<ReadTopic>() } as Question;
    question.answer = new Promise((resolve, reject) => Object.assign(question, { resolve, reject }));
    question.answer.catch(() => {}); // Everybody who asked is told.
    return question;
  }

  #sendNext(): void {
    this.#sent = this.#next;
    this.#next = undefined;
    if (this.#sent !== undefined) this.#send(this.#sent.id, [...this.#sent.topics]);
  }

  answer(id: number, ends: Positions): void {
    if (this.#sent?.id !== id) return;
    this.#sent.resolve(ends);
    this.#sendNext();
  }

  refuse(id: number, reason: unknown): void {
    if (this.#sent?.id !== id) return;
    this.#sent.reject(reason);
    this.#sendNext();
  }

  fail(reason: unknown): void {
    this.#failure = { reason };
    this.#sent?.reject(reason);
    this.#next?.reject(reason);
  }
}
