/** Where the topics begin and end at this moment. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import { explainRefusal, isOutage, KafkaError } from "../../common/kafka/errors.ts";
import type { TopicsByKind } from "./apply.ts";
import type { Positions, ReadTopic } from "./types.ts";

/** So long a question may take. */
const LIMIT_MS = 5000;
/** A try every 200 ms: more than fit into the limit. */
const TRIES = 25;

/** The first offset that Kafka has, and the one behind the last message that can be read. */
export interface PartitionEnds {
  low: number;
  end: number;
}
export type TopicEnds = ReadonlyMap<ReadTopic, ReadonlyMap<number, PartitionEnds>>;

/** Rejects with a KafkaError when Kafka does not answer, at once if it did not the last time either. */
export class EndsQuestion {
  readonly #kafka: KafkaConnection;
  readonly #names: TopicsByKind;
  #wasAway = false;

  constructor(kafka: KafkaConnection, names: TopicsByKind) {
    this.#kafka = kafka;
    this.#names = names;
  }

  async ask(topics: readonly ReadTopic[]): Promise<TopicEnds> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#noAnswer(undefined)), LIMIT_MS);
    });
    const tries = this.#wasAway ? 1 : TRIES;
    const answers = Promise.all(topics.map((topic) => this.#askTopic(topic, tries)));
    answers.catch(() => {}); // It may fail after the limit.
    try {
      const ends = await Promise.race([answers, limit]);
      this.#wasAway = false;
      return new Map(ends);
    } catch (error) {
      this.#wasAway = true;
      throw isOutage(error) ? this.#noAnswer(error) : explainRefusal(error, "to tell where its topics end");
    } finally {
      clearTimeout(timer);
    }
  }

  async #askTopic(topic: ReadTopic, tries: number): Promise<[ReadTopic, Map<number, PartitionEnds>]> {
    const partitions = await this.#kafka.ask((admin) => admin.fetchTopicOffsets(this.#names[topic]), tries);
    const ends = partitions.map(({ partition, low, high }): [number, PartitionEnds] => [
      partition,
      { low: Number(low), end: Number(high) },
    ]);
    return [topic, new Map(ends)];
  }

  #noAnswer(cause: unknown): KafkaError {
    const at = this.#kafka.settings.brokers.join(",");
    return new KafkaError("unreachable", `Kafka at ${at} does not answer: try again later`, { cause });
  }
}

/** The ends alone, as a view's positions are written. */
export function toPositions(ends: TopicEnds): Positions {
  const entries = [...ends].map(([topic, partitions]) => [
    topic,
    Object.fromEntries([...partitions].map(([partition, { end }]) => [partition, end])),
  ]);
  return Object.fromEntries(entries);
}

/**
 * A topic that ends before what was read of it: it was made anew. `positions` are those of the moment when
 * Kafka was asked: by the time of its answer, newer messages may have been read.
 */
export function findShorter(ends: TopicEnds, positions: Positions): ReadTopic | undefined {
  for (const [topic, partitions] of ends)
    for (const [partition, { end }] of partitions)
      if (end < (positions[topic]?.[partition] ?? 0)) return topic;
  return undefined;
}
