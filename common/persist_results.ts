/** Both persisters' work: from `results` into the store, a batch a transaction. */
import type { Kafka, KafkaMessage } from "kafkajs";
import { type Parsed, parseMeasurements, SPECIES } from "./iris.ts";
import { settings, TOPICS } from "./kafka/client.ts";
import { consume, type RunningConsumer } from "./kafka/consumer.ts";
import { parseResult } from "./messages.ts";
import type { ResultsStore, StoredResult } from "./results_store.ts";

/** One group for both stages' persisters: what one has stored the other need not read again. */
export const PERSISTER_GROUP = `${settings.prefix}persister_group`;

/**
 * Stores what comes until stop(). The offsets are committed after the transaction, so that a persister that ends
 * in between is delivered the same results again, and the store knows them already.
 */
export function persistResults(kafka: Kafka, store: ResultsStore): Promise<RunningConsumer> {
  return consume(kafka, {
    groupId: PERSISTER_GROUP,
    topic: TOPICS.results,
    fromBeginning: true,
    onAssigned: () => console.log("Storing what comes on results (Ctrl-C stops)"),
    eachBatch: async ({ batch }) => {
      const rows: StoredResult[] = [];
      for (const message of batch.messages) {
        const row = toRow(message, batch.topic, batch.partition);
        if (row.ok) rows.push(...row.value);
        else
          console.error(
            `Skipped partition ${batch.partition}, offset ${message.offset}: ${row.error.message}`,
          );
      }
      const stored = store.save(rows);
      const known = rows.length > stored ? `, knew ${rows.length - stored} already` : "";
      console.log(`Stored ${stored}${known}, up to offset ${batch.lastOffset()}`);
    },
  });
}

/** The row for a result; no row for a failure, which has no answer to store. */
function toRow(message: KafkaMessage, topic: string, partition: number): Parsed<StoredResult[]> {
  const result = parseResult(message.value);
  if (!result.ok) return result;
  if ("error" in result.value) return { ok: true, value: [] };
  const { task_id = null, y, worker = null } = result.value;
  const X = parseMeasurements(result.value.X);
  if (!X.ok) return X;
  const answer = {
    iris_type: y.iris_type,
    species: y.species ?? SPECIES[y.iris_type],
    model: y.model ?? null,
  };
  const place = { topic, partition, offset: message.offset, timestamp: message.timestamp };
  return { ok: true, value: [{ ...X.value, ...answer, task_id, worker, ...place }] };
}
