/** From `results` into the store, a batch a transaction. */
import { type Parsed, parseMeasurements, SPECIES } from "./iris.ts";
import type { KafkaConnection } from "./kafka/client.ts";
import type { Batch, Message, RunningConsumer } from "./kafka/consume_plan.ts";
import { parseResult } from "./messages.ts";
import type { StoredFailure, StoredPrediction } from "./results_schema.ts";
import type { ResultsStore } from "./results_store.ts";

/** Twice what kafkajs fetches by itself: fewer transactions and commits. Some 6,000 results. */
const FETCH_BYTES = 2 * 1024 * 1024;

/**
 * Stores what comes until stop(). The database itself knows how far it has read, in the same transaction as
 * its rows: so one that is new or was deleted is filled from the beginning of `results`, whatever the group
 * has committed. The commit, after the transaction, is for those who look at the group. `onReading` is called
 * whenever the group has dealt out the partitions.
 */
export async function persistResults(
  kafka: KafkaConnection,
  store: ResultsStore,
  onReading: () => void = () => {},
): Promise<RunningConsumer> {
  const { results } = kafka.topics;
  const ends = await kafka.ask((admin) => admin.fetchTopicOffsets(results));
  /** Partitions whose next message has to be the last one that the database holds. */
  const unchecked = new Set<number>();
  let seekTo: (partition: number, offset: string) => void = () => {};

  function start(partition: number): void {
    const { low = "0", high = "0" } = ends.find((end) => end.partition === partition) ?? {};
    const position = store.position(results, partition);
    if (position === undefined) {
      seekTo(partition, low);
      return;
    }
    // One message back: if that is not the one we know, the topic was made anew, or this is another Kafka.
    const isThere =
      BigInt(position.last_offset) >= BigInt(low) && BigInt(position.last_offset) < BigInt(high);
    if (isThere) unchecked.add(partition);
    seekTo(partition, isThere ? position.last_offset : low);
  }

  function isKnown({ partition, offset, timestamp }: Message): boolean {
    const position = store.position(results, partition);
    return position?.last_offset === offset && position.last_timestamp === timestamp;
  }

  async function storeBatch(batch: Batch): Promise<void> {
    const { topic, partition, messages } = batch;
    const [first, ...others] = messages;
    const last = messages.at(-1);
    if (first === undefined || last === undefined) return;
    let fresh = messages;
    if (unchecked.delete(partition)) {
      if (!isKnown(first)) {
        console.error(`${topic} is not what this database has read before: reading it from its beginning`);
        return seekTo(partition, ends.find((end) => end.partition === partition)?.low ?? "0");
      }
      fresh = others;
    }
    const rows: (StoredPrediction | StoredFailure)[] = [];
    for (const message of fresh) {
      if (message.unreadable !== undefined) continue; // The consumer has told of it.
      const row = toRow(message, topic);
      if (!row.ok)
        console.error(`Skipped partition ${partition}, offset ${message.offset}: ${row.error.message}`);
      else rows.push(row.value);
    }
    const stored = store.save({ rows, last: placeOf(last, topic) });
    batch.resolve(last.offset);
    await batch.commit();
    if (fresh.length > 0) console.log(describe(stored, rows.length, last.offset));
  }

  return kafka.consume({
    groupId: kafka.groups.persisters,
    topic: results,
    fromBeginning: true,
    maxBytes: FETCH_BYTES,
    onAssigned: (partitions, seek) => {
      console.log(`Partitions of results: ${partitions.join(", ") || "none"} (${partitions.length})`);
      seekTo = seek;
      for (const partition of partitions) start(partition);
      onReading();
    },
    eachBatch: storeBatch,
  });
}

function describe(stored: { predictions: number; failures: number }, rows: number, offset: string): string {
  const known = rows - stored.predictions - stored.failures;
  return [
    `Stored ${stored.predictions}`,
    ...(stored.failures > 0 ? [`${stored.failures} failed`] : []),
    ...(known > 0 ? [`knew ${known} already`] : []),
    `up to offset ${offset}`,
  ].join(", ");
}

function placeOf({ partition, offset, timestamp }: Message, topic: string) {
  return { topic, partition, offset, timestamp };
}

/** The row for a result: an answer, or the failure of a task. */
function toRow(message: Message, topic: string): Parsed<StoredPrediction | StoredFailure> {
  const result = parseResult(message.value);
  if (!result.ok) return result;
  const { task_id = null, worker = null } = result.value;
  const place = placeOf(message, topic);
  if ("error" in result.value) {
    const { task_id, error } = result.value;
    return { ok: true, value: { task_id, code: error.code, message: error.message, worker, ...place } };
  }
  const X = parseMeasurements(result.value.X);
  if (!X.ok) return X;
  const { iris_type, species = SPECIES[iris_type], model = null } = result.value.answer;
  return { ok: true, value: { ...X.value, iris_type, species, model, task_id, worker, ...place } };
}
