/** A consumer that goes on: through rebalances, through outages, through the crashes that kafkajs takes for final. */
import type { Consumer, ConsumerRunConfig, EachBatchPayload, EachMessagePayload, Kafka } from "kafkajs";
import { exitWith } from "../cli.ts";
import { throughOutages } from "./client.ts";
import { isOutage } from "./errors.ts";
import { knownRefusal } from "./log.ts";

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

/** The way out of a broker that does not answer: leaving the group politely is then not worth the wait. */
const LEAVE_LIMIT_MS = 5000;

export interface ConsumePlan {
  groupId: string;
  topic: string;
  fromBeginning: boolean;
  /** Seconds that one message may take; a rebalance waits for it. */
  longestTask?: number;
  /** Called whenever the group has dealt out the partitions, before the first fetch, when seek() still counts. */
  onAssigned?: (partitions: number[], seek: (partition: number, offset: string) => void) => void;
  /** What else kafkajs' run() is to know. */
  run?: Pick<ConsumerRunConfig, "autoCommit" | "autoCommitThreshold" | "eachBatchAutoResolve">;
  eachMessage?: (payload: EachMessagePayload) => Promise<void>;
  eachBatch?: (payload: EachBatchPayload) => Promise<void>;
}

export interface RunningConsumer {
  /** Finishes the message or batch in hand, commits, leaves the group. */
  stop(): Promise<void>;
}

/** Joins the group and goes on consuming until stop(). What a handler throws, kafkajs' own errors aside, ends the program. */
export async function consume(kafka: Kafka, plan: ConsumePlan): Promise<RunningConsumer> {
  let stopping = false;
  let consumer: Consumer | undefined;
  await build();

  async function build(): Promise<void> {
    const rebalanceTimeout = Math.max(60, (plan.longestTask ?? 0) + 30) * 1000;
    const built = kafka.consumer({ ...SETTINGS, groupId: plan.groupId, rebalanceTimeout });
    consumer = built;
    built.on(built.events.GROUP_JOIN, ({ payload }) => {
      const seek = (partition: number, offset: string) =>
        built.seek({ topic: plan.topic, partition, offset });
      const partitions = payload.memberAssignment[plan.topic] ?? [];
      plan.onAssigned?.(
        partitions.toSorted((a, b) => a - b),
        seek,
      );
    });
    built.on(built.events.CRASH, ({ payload }) => {
      // With restart kafkajs begins again by itself. Without, the consumer is dead in a live process.
      if (payload.restart || stopping) return;
      const refusal = knownRefusal();
      if (refusal !== undefined || !isOutage(payload.error)) fail(refusal ?? payload.error.message);
      rebuild().catch((error: Error) => fail(error.message));
    });
    await throughOutages(async () => {
      await built.connect();
      await built.subscribe({ topics: [plan.topic], fromBeginning: plan.fromBeginning });
    });
    if (!stopping) await built.run(runConfig(plan));
  }

  function fail(reason: string): never {
    exitWith(1, `The consumer in group ${plan.groupId} failed: ${reason.split("\n")[0]}`);
  }

  // A broker that is stopped cleanly while we look for the coordinator: kafkajs calls that final, whatever its retries.
  async function rebuild(): Promise<void> {
    await consumer?.disconnect().catch(() => {}); // It is dead already.
    await new Promise((resolve) => setTimeout(resolve, SETTINGS.retry.initialRetryTime));
    if (!stopping) await build();
  }

  return {
    async stop() {
      stopping = true;
      // Waits as long as a task takes, but not for a broker that is away: then the session ends by itself.
      const limit = LEAVE_LIMIT_MS + (plan.longestTask ?? 0) * 1000;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, limit);
      });
      await Promise.race([consumer?.disconnect(), patience]);
      clearTimeout(timer);
    },
  };
}

/** Runs long work with heartbeats, without which the group would take the worker for dead and do the task again. */
export async function keepAlive<T>(heartbeat: () => Promise<void>, work: () => T | Promise<T>): Promise<T> {
  // A heartbeat that fails here fails again when the consumer sends its next one, and is dealt with there.
  const timer = setInterval(() => void heartbeat().catch(() => {}), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

function runConfig({ run = {}, eachMessage, eachBatch }: ConsumePlan): ConsumerRunConfig {
  const config: ConsumerRunConfig = { ...run };
  if (eachMessage !== undefined) {
    config.eachMessage = async (payload) => {
      // kafkajs holds a fetched batch of each partition: without this a worker that joins waits for a task of each.
      await payload.heartbeat();
      await guard(eachMessage(payload));
    };
  }
  if (eachBatch !== undefined) config.eachBatch = (payload) => guard(eachBatch(payload));
  return config;
}

/** kafkajs would restart and stall on the same message for ever, or die with the process alive. So: one line, exit 1. */
async function guard(handled: Promise<void>): Promise<void> {
  try {
    await handled;
  } catch (error) {
    const { name, message } = error as Error;
    if (name.startsWith("KafkaJS")) throw error; // Rebalances among them: kafkajs knows what to do.
    exitWith(1, message.split("\n")[0] ?? name);
  }
}
