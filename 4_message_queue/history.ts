/** Shows what the persister has stored, the latest first; it may write meanwhile. */
import { createProgram, wholeNumber } from "../common/cli.ts";
import { databaseOption, tellOfEarlierDatabases } from "../common/results_database.ts";
import { readHistory } from "../common/results_store.ts";

const { db, limit, json } = createProgram(
  "4_message_queue/history.ts",
  "Shows the latest results and failures, and how many results there are of each species.",
  "npx tsx 4_message_queue/history.ts --limit 5",
)
  .addOption(databaseOption())
  .option("--limit <n>", "how many rows", wholeNumber(1), 10)
  .option("--json", "print one JSON object with all columns")
  .parse()
  .opts();

tellOfEarlierDatabases(db);
const history = readHistory(db, limit);
if (json) console.log(JSON.stringify(history));
else {
  const { formatHistory } = await import("./history_table.ts");
  console.log(formatHistory(history));
}
