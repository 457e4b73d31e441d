/** Results as CSV, for a spreadsheet. */
import { stringify } from "csv-stringify/sync";
import type { Row } from "./read_results.ts";
import { CSV_COLUMNS, toCells } from "./shape.ts";

/**
 * The header, and then the rows as they come. A spreadsheet would run a cell that begins with =, +, - or @
 * (a worker's name, for one) as a formula: such a text gets an apostrophe in front. Numbers stay as they are.
 */
export async function* toCsv(rows: AsyncIterable<Row[]>): AsyncGenerator<string> {
  yield lines([CSV_COLUMNS]);
  for await (const some of rows) yield lines(some.map(toCells));
}

function lines(records: (string | number | undefined)[][]): string {
  return stringify(records, { escape_formulas: true, record_delimiter: "windows" });
}
