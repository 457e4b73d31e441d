/**
 * Stage 4's persister: a process and a consumer group of its own, which keeps every result in SQLite. Worker and
 * persister know nothing of each other; either may be away, and catches up when it is back.
 */
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import { createProgram } from "../common/cli.ts";
import { contactKafka, createKafka, ensureTopics } from "../common/kafka/client.ts";
import { persistResults } from "../common/persist_results.ts";
import { openResultsStore } from "../common/results_store.ts";
import { onShutdown } from "../common/shutdown.ts";

const DEFAULT_DB = fileURLToPath(new URL("./predictions.db", import.meta.url));

const { db } = createProgram(
  "4_message_queue/persister.ts",
  "Stores the workers' results in SQLite.",
  "npx tsx 4_message_queue/persister.ts --db my_predictions.db",
)
  .addOption(
    new Option("--db <file>", "the database").default(DEFAULT_DB, "predictions.db beside it").env("IRIS_DB"),
  )
  .parse()
  .opts<{ db: string }>();

const name = `persister:${process.pid}`;
const store = openResultsStore(db);
const admin = await contactKafka(name);
await ensureTopics(admin);
await admin.disconnect();

const joining = persistResults(createKafka(name), store);

// Not only when it has joined: a member that ends without a word keeps its partitions until its session ends.
onShutdown(async () => {
  const consumer = await joining;
  await consumer.stop();
  store.close();
});
