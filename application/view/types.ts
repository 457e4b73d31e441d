/** What the gateway sees of its view. */
import type { Database } from "../../common/sqlite.ts";

/** The topics that a view reads, by what they are. */
export const READ_TOPICS = ["tasks", "results", "deadLetters", "events", "keys"] as const;
export type ReadTopic = (typeof READ_TOPICS)[number];

/** For some topics: the next offset of each partition. */
export type Positions = Partial<Record<ReadTopic, Readonly<Record<number, number>>>>;

export interface View {
  /** To read from, in this thread. A worker thread writes to the same file. */
  readonly database: Database;
  /**
   * Resolves when the view holds everything before these offsets. Rejects with the signal's reason when it is
   * aborted, and with the reason when the view has failed.
   */
  reached(positions: Positions, signal?: AbortSignal): Promise<void>;
  /**
   * Resolves when the view has read these topics (all, if none is named) up to where they end now: what it
   * does not hold then, Kafka did not have when this was called. Calls at the same time share one question to
   * Kafka. Rejects with a KafkaError while Kafka is away, after 5 s at most.
   */
  readToEnd(topics?: readonly ReadTopic[]): Promise<void>;
  /**
   * Resolves at the next change of this task, also one that the view does not know yet; rejects when aborted.
   */
  changed(id: string, signal: AbortSignal): Promise<void>;
  /** Calls the listener after each transaction; returns a function that ends this. */
  onCommit(listener: () => void): () => void;
  /**
   * Who owns the partitions of `tasks` now: a task whose worker has lost its partition is PENDING again. To
   * be called after each look at the group; what two of them in a row say is believed.
   */
  setOwners(owners: ReadonlyMap<number, string | undefined>): void;
  /** Where the view is. `behind` is how many messages it had still to read when it last compared. */
  progress(): { isCaughtUp: boolean; behind: number; positions: Positions };
  /** Resolves after close(); rejects with a ProgramError when the view cannot go on. */
  readonly finished: Promise<void>;
  close(): Promise<void>;
}
