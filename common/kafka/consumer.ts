/** A consumer that goes on: through rebalances, through outages, through the crashes that kafkajs takes for final. */
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { explainRefusal, isOutage } from "./errors.ts";
import type { ConnectionLog } from "./log.ts";
import type { ReadMessage, Unreadable } from "./record_batches.ts";
import type { Headers } from "./records.ts";

/**
 * Measured against the defaults: a second worker has its share after 0.4 s instead of 3.3 s, a graceful leave hands
 * over in 0.7 s instead of 8.7 s, a killed worker is replaced after 6 s instead of 28.6 s, and raised partitions are
 * noticed after 2 s instead of 5 minutes.
 */
const HEARTBEAT_MS = 500;
const SETTINGS = {
  heartbeatInterval: HEARTBEAT_MS,
  sessionTimeout: 6000, // The least that a stock broker takes.
  maxWaitTimeInMs: 250,
  metadataMaxAge: 2000,
  allowAutoTopicCreation: false,
  // Few retries: a consumer that keeps trying a dead coordinator never looks for the new one.
  retry: { initialRetryTime: 200, maxRetryTime: 1000, retries: 5 },
};

/** So long we wait for a broker that does not answer to let us leave the group. */
const LEAVE_LIMIT_MS = 5000;

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
  groupId: string;
  topic: string;
  /** Where a group begins that has committed nothing yet. */
  fromBeginning: boolean;
  /** Seconds that one message may take; a rebalance waits for it. */
  longestTask?: number;
  /** How many partitions are worked on at the same time. */
  partitionsAtOnce?: number;
  /** Milliseconds that an idle fetch waits for messages. A commit on the same connection waits behind it. */
  maxWait?: number;
  /** Called whenever the group has dealt out the partitions, before the first fetch, when seek() still counts. */
  onAssigned?: (partitions: number[], seek: (partition: number, offset: string) => void) => void;
  /** Called when the group rebalances and the partitions may be lost, or when the consumer stops. */
  onRevoked?: () => Promise<void>;
  /** Nothing is committed but by its own call of batch.commit(). What it throws ends the consumer. */
  eachBatch(batch: Batch): Promise<void>;
}

export interface RunningConsumer {
  /** Finishes what is in hand, then leaves the group. Works before the group has been joined, too. */
  stop(): Promise<void>;
  /** Resolves after stop(); rejects with a ProgramError when the consumer cannot go on. */
  finished: Promise<void>;
}

/** Returns at once; joins the group and goes on consuming until stop(). */
export function consume(
  kafka: Kafka,
  log: ConnectionLog,
  throughOutages: <T>(attempt: () => Promise<T>) => Promise<T>,
  plan: ConsumePlan,
): RunningConsumer {
  let stopping = false;
  let failed = false;
  let consumer: Consumer | undefined;
  let finish = () => {};
  let fail: (error: unknown) => void = () => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = (error) => {
      failed = true;
      reject(explainRefusal(error, `the consumer group ${plan.groupId}`));
    };
  });
  finished.catch(() => {}); // Whoever awaits it is told; nobody else needs to be.
  let building = build().catch(fail);

  async function build(): Promise<void> {
    const { maxWait: maxWaitTimeInMs = SETTINGS.maxWaitTimeInMs, groupId } = plan;
    const rebalanceTimeout = Math.max(60, (plan.longestTask ?? 0) + 30) * 1000;
    const built = kafka.consumer({ ...SETTINGS, maxWaitTimeInMs, groupId, rebalanceTimeout });
    consumer = built;
    built.on(built.events.GROUP_JOIN, ({ payload }) => {
      const partitions = [...(payload.memberAssignment[plan.topic] ?? [])].sort((a, b) => a - b);
      plan.onAssigned?.(partitions, (partition, offset) =>
        built.seek({ topic: plan.topic, partition, offset }),
      );
    });
    built.on(built.events.REBALANCING, () => plan.onRevoked?.());
    built.on(built.events.FETCH, () => log.success());
    built.on(built.events.CRASH, ({ payload }) => {
      // With restart kafkajs begins again by itself. Without, the consumer is dead in a live process.
      if (payload.restart || stopping || failed) return;
      if (log.refusal !== undefined) fail(new Error(log.refusal, { cause: payload.error }));
      else if (!isOutage(payload.error)) fail(payload.error);
      else building = rebuild(built).catch(fail);
    });
    await throughOutages(async () => {
      if (stopping) return;
      await built.connect();
      await built.subscribe({ topics: [plan.topic], fromBeginning: plan.fromBeginning });
    });
    if (stopping) return;
    await built.run({
      autoCommit: false,
      eachBatchAutoResolve: false, // A batch that is left early is not done.
      partitionsConsumedConcurrently: plan.partitionsAtOnce ?? 1,
      eachBatch: handle,
    });
  }

  async function handle(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const messages = payload.batch.messages as ReadMessage[]; // By installBatchReader().
    for (const { unreadable } of messages) if (unreadable !== undefined) log.skipped(partition, unreadable);
    try {
      await plan.eachBatch({
        topic,
        partition,
        messages: messages.map((message) => Object.assign(message, { partition })),
        heartbeat: payload.heartbeat,
        isCurrent: () => payload.isRunning() && !payload.isStale() && !failed,
        resolve: payload.resolveOffset,
        commit: () => payload.commitOffsetsIfNecessary(payload.uncommittedOffsets()),
      });
    } catch (error) {
      // Rebalances and outages: kafkajs knows what to do. With any other error it would stall on this batch for ever.
      if (!(error as Error).name.startsWith("KafkaJS")) fail(error);
      throw error;
    }
  }

  /** A broker that is stopped cleanly while we look for the coordinator: kafkajs calls that final. */
  async function rebuild(dead: Consumer): Promise<void> {
    await dead.disconnect().catch(() => {}); // It is dead already.
    await new Promise((resolve) => setTimeout(resolve, SETTINGS.retry.initialRetryTime));
    if (!stopping) await build();
  }

  async function leave(): Promise<void> {
    await building; // While it joins, kafkajs cannot leave: the member would stay until its session ends.
    await plan.onRevoked?.();
    await consumer?.disconnect();
  }

  return {
    finished,
    async stop() {
      stopping = true;
      // Waits as long as a task takes, but not for a broker that is away: then the session ends by itself.
      const limit = LEAVE_LIMIT_MS + (plan.longestTask ?? 0) * 1000;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, limit);
      });
      await Promise.race([leave().catch(() => {}), patience]);
      clearTimeout(timer);
      finish();
    },
  };
}

/** Runs long work with heartbeats. Without them the group takes the worker for dead and does the task again. */
export async function keepAlive<T>(heartbeat: () => Promise<void>, work: () => T | Promise<T>): Promise<T> {
  // A heartbeat that fails here fails again when the consumer sends its next one, and is dealt with there.
  const timer = setInterval(() => void heartbeat().catch(() => {}), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
