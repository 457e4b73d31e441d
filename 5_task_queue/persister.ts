/**
 * Stage 5's persister: stage 4's, on results that carry a task's id. A task that was done twice (its worker died
 * between answer and commit) has two results, and the id is what lets the database keep one.
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
  "5_task_queue/persister.ts",
  "Stores the workers' results in SQLite.",
  "npx tsx 5_task_queue/persister.ts --db my_predictions.db",
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
