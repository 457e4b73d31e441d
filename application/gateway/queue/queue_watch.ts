/** Looks at the group of the workers: what Kafka tells about the queue and the log does not. */

export interface WorkerSeen {
  name: string;
  partitions: number[];
  state: "here" | "gone";
  /** Only where the application started it. */
  pid?: number;
  /** Milliseconds since 1970: when it was first missed, or was killed. */
  gone_at?: number;
  /** When its partitions move at the latest, if it fell silent: the end of its session. */
  session_ends_at?: number;
}

export interface LaneSeen {
  partition: number;
  owner?: string;
  /** Since when it has no owner, milliseconds since 1970. */
  unowned_since?: number;
  committed: number;
  end: number;
}

export interface Rebalance {
  at: number;
  /** When every partition had an owner again. */
  ended_at?: number;
  /** In words: "worker-2 is gone", "worker-4 has come". */
  cause: string;
  /** Those that had no owner meanwhile; if there was none such, those that changed hands. */
  partitions: number[];
}

/** How far a group is in a topic, in the words of Kafka's own tools. */
export interface GroupSeen {
  group: string;
  topic: string;
  members: number;
  partitions: { partition: number; next: number; end: number; waiting: number }[];
}

export interface QueueSeen {
  /** When Kafka was last asked with success; 0: not yet. Milliseconds since 1970. */
  as_of: number;
  kafka: "up" | "away";
  /** Why Kafka tells nothing, or which topics are missing: one line. */
  problem?: string;
  /**
   * Workers with the new consumer protocol (KIP-848) may be there: kafkajs cannot list them. Then no owner is
   * known, which does not mean that there is none.
   */
  hasHiddenWorkers: boolean;
  lanes: LaneSeen[];
  workers: WorkerSeen[];
  /** Of the last ten minutes, oldest first. */
  rebalances: Rebalance[];
  /** Members of the persisters' group, and how many results it has not committed. */
  persisters: { members: number; waiting: number };
  /** Workers and persisters, for monitoring. */
  groups: GroupSeen[];
}

export interface QueueWatch {
  /** What was seen last. */
  seen(): QueueSeen;
  /** Asks Kafka now. */
  look(): Promise<QueueSeen>;
  /** Is told after each look that brought a change; returns a function that ends this. */
  onChange(listener: (seen: QueueSeen) => void): () => void;
  /** Somebody watches: Kafka is asked more often until the function that this returns is called. */
  follow(): () => void;
  /** The application tells of the workers that it started: their pids, and that it killed one. */
  tell(worker: { name: string; pid: number; state: "started" | "ended" | "killed" }): void;
  close(): Promise<void>;
}
