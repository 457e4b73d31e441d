/** What the view's thread does now and then: it compares itself with Kafka, and deletes what is old. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import { KafkaError } from "../../common/kafka/errors.ts";
import type { Database } from "../../common/sqlite.ts";
import { forgetSome } from "./forget.ts";
import type { Reading } from "./reading.ts";
import type { TopicEnds } from "./topic_ends.ts";
import type { ViewGroups } from "./view_groups.ts";

const EVERY_MS = 2000;
/** Between two steps of forgetting, for the log to be followed. */
const FORGET_PAUSE_MS = 20;

export interface UpkeepOptions {
  kafka: KafkaConnection;
  database: Database;
  groups: ViewGroups;
  /** The present one; undefined while the view is made anew. */
  reading(): Reading | undefined;
  /** Rejects with a KafkaError while Kafka is away. */
  askEnds(): Promise<TopicEnds>;
  onEnds(ends: TopicEnds): void;
  onFailure(error: unknown): void;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #isStopped = false;
  /** Where the topics ended the last time. */
  #ends: TopicEnds | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#again();
  }

  #again(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#work = this.#tryOnce();
    }, EVERY_MS);
  }

  async #tryOnce(): Promise<void> {
    try {
      await this.#once();
    } catch (error) {
      // A Kafka that is away is asked again.
      if (!(error instanceof KafkaError)) this.#options.onFailure(error);
    }
    this.#again();
  }

  async #once(): Promise<void> {
    const { kafka, groups, askEnds, onEnds } = this.#options;
    const before = this.#ends;
    const reading = this.#options.reading();
    const ends = await askEnds();
    this.#ends = ends;
    onEnds(ends);
    await groups.deleteOld(kafka);
    if (reading !== undefined && before !== undefined && reading.positions.hold(before))
      await this.#forget(reading, ends);
  }

  async #forget(reading: Reading, ends: TopicEnds): Promise<void> {
    const isCurrent = () => !this.#isStopped && this.#options.reading() === reading;
    while (isCurrent() && forgetSome(this.#options.database, reading.rules, ends, Date.now()))
      await new Promise((resolve) => setTimeout(resolve, FORGET_PAUSE_MS));
  }

  /** Resolves when nothing is done any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#work;
  }
}
