/** What a consumer is told to do, and what it hands over: the border behind which kafkajs stands. */
import type { Unreadable } from "./record_batches.ts";
import type { Headers } from "./records.ts";

/** A message as it lies in Kafka. */
export interface Message {
  partition: number;
  /** As text: an offset has 64 bits. */
  offset: string;
  /** When it was sent, milliseconds since 1970, as text. */
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers?: Headers;
  /** Set when this stands for a whole batch, at its last offset. It has no value then. */
  unreadable?: Unreadable;
}

/** Messages of one partition, as one fetch brings them. */
export interface Batch {
  topic: string;
  partition: number;
  messages: Message[];
  /** Of the last record that was fetched: behind the last message may stand marks of transactions. */
  lastOffset: string;
  /** Throws when the group rebalances: the batch is then to be left, and its rest goes to the next owner. */
  heartbeat(): Promise<void>;
  /** False when the consumer is stopping, or reads from somewhere else by now: the rest is to be left. */
  isCurrent(): boolean;
  /** This message and those before it are done: the next fetch goes on behind it. */
  resolve(offset: string): void;
  /** Commits what is done, of all partitions. */
  commit(): Promise<void>;
}

export interface ConsumePlan {
  /**
   * Its name, or what makes a new one each time that the consumer begins: after an outage Kafka would wait
   * for the consumer's former self until its session ends, 6 s. For who reads alone and commits nothing.
   */
  groupId: string | (() => string);
  topic: string;
  /** Where a group begins that has committed nothing yet. */
  fromBeginning: boolean;
  /** Seconds that one message may take; a rebalance waits for it. */
  longestTask?: number;
  /** How many partitions are worked on at the same time. */
  partitionsAtOnce?: number;
  /** Milliseconds that an idle fetch waits for messages. A commit on the same connection waits behind it. */
  maxWait?: number;
  /** How much of a partition one fetch brings at most, a first batch that is larger apart. */
  maxBytes?: number;
  /** Called after each rebalance, before the first fetch, when seek() still counts. */
  onAssigned?: (partitions: number[], seek: (partition: number, offset: string) => void) => void;
  /** Called when the group rebalances and the partitions may be lost, or when the consumer stops. */
  onRevoked?: () => Promise<void>;
  /**
   * Called when a fetch has brought no message, but records up to this offset: marks of transactions, and
   * what was taken back. The next fetch goes on behind it.
   */
  onPassed?: (partition: number, lastOffset: string) => void;
  /** Nothing is committed but by its own call of batch.commit(). What it throws ends the consumer. */
  eachBatch(batch: Batch): Promise<void>;
}

export interface RunningConsumer {
  /** Finishes what is in hand, then leaves the group. Works before the group has been joined, too. */
  stop(): Promise<void>;
  /** Resolves after stop(); rejects with a ProgramError when the consumer cannot go on. */
  finished: Promise<void>;
}
