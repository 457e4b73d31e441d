/** Follows the topics, each with a consumer of its own: `results` never waits behind `tasks`. */
import type { KafkaConnection } from "../../common/kafka/client.ts";
import type { Batch, Message, RunningConsumer } from "../../common/kafka/consume_plan.ts";
import type { BatchWriter } from "./batch_writer.ts";
import type { Position, ReadPositions } from "./positions.ts";
import { READ_TOPICS, type ReadTopic } from "./types.ts";

/** More than a topic of this project has. */
const ALL_PARTITIONS = 256;

export interface LogReaderOptions {
  kafka: KafkaConnection;
  /** Full names. */
  topics: Readonly<Record<ReadTopic, string>>;
  /** A new group for its consumer. */
  newGroup(topic: ReadTopic): string;
  positions: ReadPositions;
  writer: BatchWriter;
  /** The first offset that Kafka still has. */
  lowOf(topic: ReadTopic, partition: number): number;
  /** This topic is not the one that was read before. */
  onOther(topic: ReadTopic): void;
}

/** Reads until stop(); `finished` rejects when a consumer cannot go on. */
export function readLog(options: LogReaderOptions): RunningConsumer {
  const consumers = READ_TOPICS.map((topic) => follow(topic, options));
  return {
    finished: Promise.race(consumers.map(({ finished }) => finished)),
    async stop() {
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
  };
}

function follow(topic: ReadTopic, options: LogReaderOptions): RunningConsumer {
  const { kafka, topics, newGroup, positions, writer, lowOf, onOther } = options;
  /** Where each partition was last told to go on. */
  const startedAt = new Map<number, number>();

  async function write(batch: Batch): Promise<void> {
    const { partition, messages, lastOffset } = batch;
    const last = messages.at(-1);
    if (last === undefined || !batch.isCurrent()) return;
    const fresh = selectFresh(messages, startedAt.get(partition) ?? 0, positions.of(topic, partition));
    if (fresh === undefined) return onOther(topic);
    positions.confirm(topic, partition);
    await writer.add(topic, partition, fresh, Number(lastOffset) + 1);
    batch.resolve(last.offset);
  }

  return kafka.consume({
    groupId: () => newGroup(topic),
    topic: topics[topic],
    fromBeginning: true,
    partitionsAtOnce: ALL_PARTITIONS,
    onAssigned(partitions, seek) {
      for (const partition of partitions) {
        const start = whereToStart(positions.of(topic, partition), lowOf(topic, partition));
        startedAt.set(partition, start);
        if (start > 0) seek(partition, String(start));
      }
    },
    onPassed(partition, lastOffset) {
      positions.confirm(topic, partition);
      writer.add(topic, partition, [], Number(lastOffset) + 1).catch(() => {}); // The next batch will tell.
    },
    eachBatch: write,
  });
}

/**
 * One message back, where Kafka still has it: if that is not the one we know, the topic was made anew, or
 * this is another Kafka.
 */
export function whereToStart(position: Position | undefined, low: number): number {
  if (position === undefined) return low;
  const { next, last } = position;
  return last !== undefined && last.offset >= low ? last.offset : Math.max(next, low);
}

/** Those that have not been read yet; undefined if this is not the topic that was read before. */
export function selectFresh(
  messages: readonly Message[],
  startedAt: number,
  position: Position | undefined,
): readonly Message[] | undefined {
  const first = Number(messages[0]?.offset ?? 0);
  // Kafka has nothing where we told it to begin, and begins at what it has.
  if (first < startedAt) return undefined;
  if (position === undefined || first >= position.next) return messages;
  const { next, last } = position;
  const known = messages.find(({ offset }) => Number(offset) === last?.offset);
  if (known !== undefined && known.timestamp !== last?.timestamp) return undefined;
  return messages.filter(({ offset }) => Number(offset) >= next);
}
