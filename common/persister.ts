/**
 * The persister, which stages 4 and 5 share: a process and a consumer group of its own, which keeps every
 * result in SQLite. Worker and persister know nothing of each other; either may be away, and catches up when
 * it is back.
 */
import { createProgram } from "./cli.ts";
import type { KafkaConnection } from "./kafka/client.ts";
import { openKafka } from "./kafka/open.ts";
import { persistResults } from "./persist_results.ts";
import { databaseOption, shortPath, tellOfEarlierDatabases } from "./results_database.ts";
import { openResultsStore, type StoreOptions } from "./results_store.ts";
import { onShutdown } from "./shutdown.ts";

export interface PersisterPlan extends StoreOptions {
  /** How it begins with Kafka. */
  open?: (env: NodeJS.ProcessEnv, name: string) => Promise<KafkaConnection>;
  /** Called when it has begun to read, and again after each rebalance. */
  onReading?: () => void;
}

/** The whole program; `name` is the file that was started. */
export async function runPersister(
  name: string,
  { open = openKafka, onReading, ...rules }: PersisterPlan = {},
): Promise<void> {
  const { db } = createProgram(
    name,
    "Stores the workers' results in SQLite.",
    `npx tsx ${name} --db my_predictions.db`,
  )
    .addOption(databaseOption())
    .parse()
    .opts();
  console.log(`Storing results in ${shortPath(db)} (pid ${process.pid}, Ctrl-C stops)`);
  tellOfEarlierDatabases(db);

  const store = openResultsStore(db, rules);
  const kafka = await open(process.env, `persister:${process.pid}`);

  const consumer = await persistResults(kafka, store, onReading);
  onShutdown(async () => {
    await consumer.stop();
    await kafka.close();
    store.close();
  });
  await consumer.finished;
}
