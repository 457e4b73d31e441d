/** Where the results are kept: one database for both stages. */
import { existsSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Option } from "@commander-js/extra-typings";

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const DEFAULT_DB = fromRoot("predictions.db");
/** Earlier versions of this project kept one for each stage. */
const EARLIER = ["4_message_queue/predictions.db", "5_task_queue/predictions.db"];

/** The option by which persister and history.ts name their database. */
export function databaseOption() {
  return new Option("--db <file>", "the database")
    .default(DEFAULT_DB, "predictions.db in the project's folder")
    .env("IRIS_DB");
}

/** A path as somebody in the current folder would type it: relative, if the file lies in it. */
export function shortPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") || isAbsolute(path) ? file : path;
}

/** Says on stderr that results of an earlier version lie elsewhere, if the default database is used. */
export function tellOfEarlierDatabases(db: string): void {
  if (db !== DEFAULT_DB) return;
  for (const file of EARLIER.filter((path) => existsSync(fromRoot(path)))) {
    console.error(
      `An earlier version kept its results in ${file}. Read them: ` +
        `npx tsx 4_message_queue/history.ts --db ${file} (delete the file when you no longer want them)`,
    );
  }
}
