/** How far the view has read each partition. */
import type { Message } from "../../common/kafka/consume_plan.ts";
import type { Database } from "../../common/sqlite.ts";
import { prepared } from "./queries.ts";
import type { TopicEnds } from "./topic_ends.ts";
import type { Positions, ReadTopic } from "./types.ts";
import { READ_TOPICS } from "./types.ts";

export interface Position {
  /** Where reading goes on. */
  next: number;
  /** The last message, if there was one: behind it may have been marks of transactions. */
  last: { offset: number; timestamp: string } | undefined;
}

export class ReadPositions {
  readonly #positions: Record<ReadTopic, Map<number, Position>>;
  /**
   * Partitions whose last message has not been seen again since the start: until then, they may be those of
   * another topic.
   */
  readonly #unconfirmed = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #names: Readonly<Record<ReadTopic, string>>;

  constructor(database: Database, names: Readonly<Record<ReadTopic, string>>) {
    this.#names = names;
    const byTopic = READ_TOPICS.map((topic) => [topic, readPositions(database, names[topic])]);
    this.#positions = Object.fromEntries(byTopic);
    for (const topic of READ_TOPICS)
      for (const [partition, { last }] of this.#positions[topic])
        if (last !== undefined) this.#unconfirmed.add(`${topic} ${partition}`);
  }

  /** Kafka has nothing before this offset: that will not come. */
  startAt(topic: ReadTopic, partition: number, low: number): void {
    this.set(topic, partition, low);
    const { last } = this.of(topic, partition) ?? {};
    if (last !== undefined && last.offset < low) this.confirm(topic, partition);
  }

  /** The partition is still the one that was read before. */
  confirm(topic: ReadTopic, partition: number): void {
    if (this.#unconfirmed.delete(`${topic} ${partition}`)) this.#dirty.add(`${topic} ${partition}`);
  }

  of(topic: ReadTopic, partition: number): Position | undefined {
    return this.#positions[topic].get(partition);
  }

  /** The view holds everything before `next`. */
  set(topic: ReadTopic, partition: number, next: number, last?: Message): void {
    const before = this.#positions[topic].get(partition);
    if (before !== undefined && next <= before.next) return;
    const { offset, timestamp } = last ?? {};
    const lastRead =
      offset === undefined || timestamp === undefined ? before?.last : { offset: Number(offset), timestamp };
    this.#positions[topic].set(partition, { next, last: lastRead });
    this.#dirty.add(`${topic} ${partition}`);
  }

  /** Writes what has changed, in the transaction of the rows, and returns it. */
  write(database: Database): Positions {
    const write = prepared(database, "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?, ?)");
    const written: Partial<Record<ReadTopic, Record<number, number>>> = {};
    for (const entry of this.#dirty) {
      const [topic, partition] = [entry.split(" ")[0] as ReadTopic, Number(entry.split(" ")[1])];
      const position = this.#positions[topic].get(partition);
      if (position === undefined) continue;
      const { next, last } = position;
      write.run(this.#names[topic], partition, next, last?.offset ?? null, last?.timestamp ?? null);
      const partitions = written[topic] ?? {};
      partitions[partition] = next;
      written[topic] = partitions;
    }
    this.#dirty.clear();
    return written;
  }

  /** Whether everything up to these ends is read. */
  hold(ends: TopicEnds): boolean {
    return [...ends].every(([topic, partitions]) =>
      [...partitions].every(([partition, { end }]) => (this.of(topic, partition)?.next ?? 0) >= end),
    );
  }

  all(): Positions {
    return this.#select(() => true);
  }

  confirmed(): Positions {
    return this.#select((topic, partition) => !this.#unconfirmed.has(`${topic} ${partition}`));
  }

  #select(isWanted: (topic: ReadTopic, partition: number) => boolean): Positions {
    const entries = READ_TOPICS.map((topic) => {
      const wanted = [...this.#positions[topic]].filter(([partition]) => isWanted(topic, partition));
      return [topic, Object.fromEntries(wanted.map(([partition, { next }]) => [partition, next]))];
    });
    return Object.fromEntries(entries);
  }
}

function readPositions(database: Database, topic: string): Map<number, Position> {
  const rows = database
    .prepare("SELECT partition, next, last_offset, last_timestamp FROM position WHERE topic = ?")
    .all(topic) as { partition: number; next: number; last_offset: number | null; last_timestamp: string }[];
  return new Map(
    rows.map(({ partition, next, last_offset, last_timestamp }) => [
      partition,
      {
        next,
        last: last_offset === null ? undefined : { offset: last_offset, timestamp: last_timestamp },
      },
    ]),
  );
}
