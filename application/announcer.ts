/** Says on `task-events` that a task is STARTED, if it takes its time. Nobody waits for it. */
import type { KafkaConnection } from "../common/kafka/client.ts";
import type { Producer } from "../common/kafka/producer.ts";
import { formatTaskEvent, type Started } from "./task_events.ts";
import { applicationTopics } from "./topics.ts";

/** Faster tasks pay nothing. */
const ANNOUNCED_AFTER_MS = 20;

export class Announcer {
  /** Rejects when Kafka refuses an announcement; never resolves. */
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  readonly #producer: Producer;
  readonly #topic: string;

  private constructor(producer: Producer, topic: string) {
    this.#producer = producer;
    this.#topic = topic;
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  /** Connects a producer of its own: whatever holds up announcements must not hold up answers. */
  static async open(kafka: KafkaConnection): Promise<Announcer> {
    return new Announcer(await kafka.producer(), applicationTopics(kafka.settings.prefix).events);
  }

  /** Does a task's work; announces it when that is still running after 20 ms. */
  async whileItRuns<T>(task: Omit<Started, "event">, work: () => T | Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      const value = formatTaskEvent({ event: "STARTED", ...task });
      this.#producer.send(this.#topic, [{ key: task.task_id ?? null, value }]).catch(this.#fail);
    }, ANNOUNCED_AFTER_MS);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }
}
