/** Results that wait in Kafka, until they are in SQLite; the database alone beside it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadClassifier } from "../../../common/classifier.ts";
import { formatResult } from "../../../common/messages.ts";
import type { StoredPrediction } from "../../../common/results_schema.ts";
import { openResultsStore } from "../../../common/results_store.ts";
import { openDatabase } from "../../../common/sqlite.ts";
import { storedUpTo } from "../../harness/lines.ts";
import { type Report, ratios, repeat } from "../report.ts";
import { makeTasks } from "./load.ts";
import type { Bench } from "./sandbox.ts";

const ROWS = 30_000;

/** Rows a second that the persister stores, beside SQLite alone. */
export async function measurePersister(bench: Bench, rounds: number): Promise<Report> {
  const persister: number[] = [];
  const database: number[] = [];
  await repeat("persister", rounds, async () => {
    const folder = mkdtempSync(join(tmpdir(), "iris-bench-"));
    persister.push(await ratePersister(bench, join(folder, "persister.db")));
    database.push(rateDatabase(join(folder, "alone.db")));
    rmSync(folder, { recursive: true });
  });
  const unit = "rows/s";
  return {
    title: `Rows a second of the persister, ${rounds} rounds of ${ROWS} results, each stored once`,
    figures: [
      { what: "SQLite alone, the same rows (limit)", values: database, unit, digits: 0 },
      { what: "persister", values: persister, unit, digits: 0, atLeast: 5000 },
      { what: "persister / SQLite alone", values: ratios(persister, database) },
    ],
  };
}

async function ratePersister(bench: Bench, db: string): Promise<number> {
  const sandbox = await bench.openSandbox();
  const { predict } = loadClassifier();
  const results = makeTasks(ROWS).map(({ value }) => {
    const task = JSON.parse(value);
    return formatResult(task, predict(task.X), { worker: "worker-1", partition: 0, duration_ms: 1 });
  });
  await sandbox.send("results", results);
  const persister = sandbox.start("5_task_queue/persister.ts", ["--db", db]);
  const storing = (text: string) => text.startsWith("Partitions of results: 0");
  const stored = (text: string) => storedUpTo(ROWS - 1).test(text);
  const begun = await persister.waitForLine(storing, "that it stores");
  const done = await persister.waitForLine(stored, "that all is stored");
  await sandbox.close();
  const table = openDatabase(db, { readOnly: true });
  const { rows } = table.prepare("SELECT count(*) AS rows FROM iris_prediction").get() as { rows: number };
  table.close();
  if (rows !== ROWS) throw new Error(`${rows} rows of ${ROWS} are stored`);
  return (ROWS / (done.at - begun.at)) * 1000;
}

/** As many rows as fit into 1 MB, which is what kafkajs fetches at once, in a transaction. */
function rateDatabase(file: string): number {
  const { predict } = loadClassifier();
  const rows: StoredPrediction[] = makeTasks(ROWS).map(({ value }, index) => {
    const { task_id, X } = JSON.parse(value);
    const { probabilities: _, ...answer } = predict(X);
    const place = { topic: "results", partition: 0, offset: String(index), timestamp: "0" };
    return { ...X, ...answer, task_id, worker: "worker-1", ...place };
  });
  const store = openResultsStore(file);
  const start = performance.now();
  for (let from = 0; from < ROWS; from += 3000) {
    const batch = rows.slice(from, from + 3000);
    const { topic, partition, offset, timestamp } = batch.at(-1) as StoredPrediction;
    store.save({ rows: batch, last: { topic, partition, offset, timestamp } });
  }
  const milliseconds = performance.now() - start;
  store.close();
  return (ROWS / milliseconds) * 1000;
}
