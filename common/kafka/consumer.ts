/**
 * A consumer that goes on: through rebalances, through outages, through the crashes that kafkajs takes
 * for final.
 */
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { ConsumePlan, RunningConsumer } from "./consume_plan.ts";
import { explainRefusal, isOutage } from "./errors.ts";
import { HEARTBEAT_MS, SESSION_MS } from "./keep_alive.ts";
import type { ConnectionLog } from "./log.ts";
import { commitPassed } from "./passed_records.ts";
import type { ReadMessage } from "./record_batches.ts";

/**
 * Measured against the defaults: a second worker has its share after 0.4 s instead of 3.3 s, a
 * graceful leave hands over in 0.7 s instead of 8.7 s, a killed worker is replaced after 6 s instead
 * of 28.6 s, and raised partitions are noticed after 2 s instead of 5 minutes.
 */
const SETTINGS = {
  heartbeatInterval: HEARTBEAT_MS,
  sessionTimeout: SESSION_MS,
  maxWaitTimeInMs: 250,
  maxBytesPerPartition: 1024 * 1024,
  metadataMaxAge: 2000,
  allowAutoTopicCreation: false,
  // Few retries: a consumer that keeps trying a dead coordinator never looks for the new one.
  retry: { initialRetryTime: 200, maxRetryTime: 1000, retries: 5 },
};

/** So long we wait for a broker that does not answer to let us leave the group. */
const LEAVE_LIMIT_MS = 5000;

/** Returns at once; joins the group and goes on consuming until stop(). */
export function consume(
  kafka: Kafka,
  log: ConnectionLog,
  throughOutages: <T>(attempt: () => Promise<T>, tries?: number) => Promise<T>,
  plan: ConsumePlan,
): RunningConsumer {
  const newName = plan.groupId;
  const groupOf = typeof newName === "string" ? () => newName : newName;
  let groupId = "";
  let stopping = false;
  let failed = false;
  let consumer: Consumer | undefined;
  let finish = () => {};
  let fail: (error: unknown) => void = () => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = (error) => {
      failed = true;
      reject(explainRefusal(error, `the consumer group ${groupId}`));
    };
  });
  finished.catch(() => {}); // Whoever awaits it is told; nobody else needs to be.
  let building = build().catch(fail);

  async function build(tries?: number): Promise<void> {
    groupId = groupOf();
    let isPassing = false;
    // kafkajs asks whether to begin again in the same group. It does not ask when it holds a crash for final.
    const restartOnFailure = async () => {
      isPassing = typeof plan.groupId !== "string";
      return !isPassing;
    };
    const built = kafka.consumer({
      ...SETTINGS,
      groupId,
      retry: { ...SETTINGS.retry, restartOnFailure },
      maxWaitTimeInMs: plan.maxWait ?? SETTINGS.maxWaitTimeInMs,
      maxBytesPerPartition: plan.maxBytes ?? SETTINGS.maxBytesPerPartition,
      rebalanceTimeout: Math.max(60, (plan.longestTask ?? 0) + 30) * 1000,
    });
    consumer = built;
    built.on(built.events.GROUP_JOIN, ({ payload }) => {
      const partitions = [...(payload.memberAssignment[plan.topic] ?? [])].sort((a, b) => a - b);
      plan.onAssigned?.(partitions, (partition, offset) =>
        built.seek({ topic: plan.topic, partition, offset }),
      );
    });
    built.on(built.events.REBALANCING, () => plan.onRevoked?.());
    built.on(built.events.FETCH, () => log.success());
    built.on(built.events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      plan.onPassed?.(payload.partition, payload.lastOffset);
      if (typeof plan.groupId === "string") commitPassed(built, payload);
    });
    built.on(built.events.CRASH, ({ payload }) => {
      // With restart kafkajs begins again by itself. Without, the consumer is dead in a live process.
      if (payload.restart || stopping || failed) return;
      if (log.refusal !== undefined) fail(new Error(log.refusal, { cause: payload.error }));
      else if (!isPassing && !isOutage(payload.error)) fail(payload.error);
      else building = rebuild(built).catch(fail);
    });
    await throughOutages(async () => {
      if (stopping) return;
      await built.connect();
      await built.subscribe({ topics: [plan.topic], fromBeginning: plan.fromBeginning });
    }, tries);
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
        lastOffset: payload.batch.lastOffset(),
        heartbeat: payload.heartbeat,
        isCurrent: () => payload.isRunning() && !payload.isStale() && !failed,
        resolve: payload.resolveOffset,
        commit: () => payload.commitOffsetsIfNecessary(payload.uncommittedOffsets()),
      });
    } catch (error) {
      // Rebalances and outages: kafkajs knows what to do. With any other error it would stall on this
      // batch for ever.
      if (!(error as Error).name.startsWith("KafkaJS")) fail(error);
      throw error;
    }
  }

  /**
   * A broker that is stopped cleanly while we look for the coordinator: kafkajs calls that final. And where
   * it would begin again by itself, it would do so in the same group. Like kafkajs, this waits without an
   * end.
   */
  async function rebuild(dead: Consumer): Promise<void> {
    await dead.disconnect().catch(() => {}); // It is dead already.
    await new Promise((resolve) => setTimeout(resolve, SETTINGS.retry.initialRetryTime));
    if (!stopping) await build(Number.POSITIVE_INFINITY);
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
