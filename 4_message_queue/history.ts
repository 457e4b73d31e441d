/** Shows what the persister has stored, the latest first; it may write meanwhile. */
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { Option } from "commander";
import { createProgram, wholeNumber } from "../common/cli.ts";
import { FIELDS } from "../common/iris.ts";
import { readHistory } from "../common/results_store.ts";

const DEFAULT_DB = fileURLToPath(new URL("./predictions.db", import.meta.url));

const { db, limit, json } = createProgram(
  "4_message_queue/history.ts",
  "Shows the latest results, and how many there are of each species.",
  "npx tsx 4_message_queue/history.ts --limit 5",
)
  .addOption(
    new Option("--db <file>", "the database").default(DEFAULT_DB, "predictions.db beside it").env("IRIS_DB"),
  )
  .option("--limit <n>", "how many rows", wholeNumber(1), 10)
  .option("--json", "print one JSON object")
  .parse()
  .opts<{ db: string; limit: number; json?: boolean }>();

const { counts, latest } = readHistory(db, limit);
if (json) {
  console.log(JSON.stringify({ counts, latest }));
} else {
  const plain = { head: [], border: [] };
  const rows = new Table({
    head: ["id", ...FIELDS, "iris_type", "species", "task_id", "stored_at"],
    style: plain,
  });
  for (const row of latest) {
    const lengths = FIELDS.map((field) => row[field]);
    rows.push([row.id, ...lengths, row.iris_type, row.species, row.task_id ?? "", row.stored_at]);
  }
  const species = new Table({ head: ["species", "results"], style: plain });
  for (const { species: name, count } of counts) species.push([name, count]);
  console.log(`${rows}\n${species}`);
}
