/** What must be corrected in kafkajs 2.2.4 itself. */
import { createRequire } from "node:module";

/**
 * The part of kafkajs' request queue that the correction uses; kafkajs has no types for its inner modules.
 */
interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

/** The part of kafkajs' consumer group that the correction uses. */
interface ConsumerGroup {
  recoverFromFetch(error: Error): Promise<void>;
}

/** The part of kafkajs' knowledge of the cluster that the correction uses. */
interface BrokerPool {
  metadataExpireAt: number | null;
  refreshMetadata(topics: string[]): Promise<void>;
}

/** So old may be what a client knows of topics and partitions. */
const METADATA_AGE_MS = 2000;

const require = createRequire(import.meta.url);
let fixed = false;

/** Makes the corrections. Call it before the first connection; a second call changes nothing. */
export function fixKafkajs(): void {
  if (fixed) return;
  fixed = true;
  fixRequestQueueTimer();
  fixRejoin();
  fixMetadataAge();
}

/**
 * Stops a timer that kafkajs starts on each connection. While nothing waits to be sent, its delay is
 * negative: Node 24 and later print TimeoutNegativeWarning, and every version wakes the process each
 * millisecond, for nothing. A queue with nothing in it needs no timer: adding a request starts one. See
 * https://github.com/tulios/kafkajs/issues/1751 and https://github.com/tulios/kafkajs/issues/1704
 */
function fixRequestQueueTimer(): void {
  const { prototype } = require("kafkajs/src/network/requestQueue") as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}

/**
 * A topic that has got more partitions, or whose partition was moved, makes kafkajs join its group again
 * on the spot. It tells nobody, so what was answered and not yet committed would be answered again. As a
 * rebalance it goes the way of all others: what is in hand is finished, REBALANCING is emitted, and the
 * offsets are committed before the member joins again. Seen in 1 of 10 runs of kafka_setup.test.ts: 2 of 24
 * tasks were answered twice.
 */
function fixRejoin(): void {
  const { prototype } = require("kafkajs/src/consumer/consumerGroup") as { prototype: ConsumerGroup };
  const { KafkaJSProtocolError } = require("kafkajs") as typeof import("kafkajs");
  const recover = prototype.recoverFromFetch;
  prototype.recoverFromFetch = async function (this: ConsumerGroup, error: Error): Promise<void> {
    const joinAndSync = () => {
      // kafkajs knows a rebalance by this type.
      throw Object.assign(new KafkaJSProtocolError(error), { type: "REBALANCE_IN_PROGRESS" });
    };
    // All else is done as kafkajs does it: which errors call for a new join, it knows itself.
    await recover.call(Object.create(this, { joinAndSync: { value: joinAndSync } }), error);
  };
}

/**
 * An admin looks at a topic's partitions every five minutes, and kafkajs has no setting for that: until then
 * it would ask nothing about raised partitions. Producers and consumers have the setting, and this value.
 */
function fixMetadataAge(): void {
  const { prototype } = require("kafkajs/src/cluster/brokerPool") as { prototype: BrokerPool };
  const refresh = prototype.refreshMetadata;
  prototype.refreshMetadata = async function (this: BrokerPool, topics: string[]): Promise<void> {
    await refresh.call(this, topics);
    this.metadataExpireAt = Math.min(this.metadataExpireAt ?? 0, Date.now() + METADATA_AGE_MS);
  };
}
