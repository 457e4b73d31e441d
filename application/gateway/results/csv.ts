/** Results as CSV, for a spreadsheet. */
import { stringify } from "csv-stringify/sync";
import type { Row } from "./read_results.ts";
import { CSV_COLUMNS, toCells } from "./shape.ts";

/**
 * The header with the first rows, and then the others as they come: what is wrong with the first rows is
 * found before anything is sent. A spreadsheet would run a cell that begins with =, +, - or @ (a worker's
 * name, for one) as a formula: such a text gets an apostrophe in front. Numbers stay as they are.
 */
export async function* toCsv(rows: AsyncIterable<Row[]>): AsyncGenerator<string> {
  let head = [CSV_COLUMNS];
  for await (const some of rows) {
    yield lines([...head, ...some.map(toCells)]);
    head = [];
  }
  if (head.length > 0) yield lines(head);
}

function lines(records: (string | number | undefined)[][]): string {
  return stringify(records, { escape_formulas: true, record_delimiter: "windows" });
}
