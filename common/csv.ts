/** CSV files of measurements, as spreadsheets save them. */
import { readFileSync } from "node:fs";
import { CsvError, parse } from "csv-parse/sync";
import { ProgramError } from "./errors.ts";
import { FIELDS, type Measurements, type Parsed, parseFields } from "./iris.ts";

export interface CsvRow {
  /** In the file, counted from 1. */
  line: number;
  measurements: Parsed<Measurements>;
  /** Every column's text under its name in the header. */
  columns: Record<string, string | undefined>;
}

/**
 * Reads a file whose header names at least the four measurements and `furtherColumns`, in any order; a bad row is
 * returned as one. Throws ProgramError with one line when the file cannot be read, is no CSV, or lacks a column.
 */
export function readMeasurementsCsv(file: string, furtherColumns: readonly string[] = []): CsvRow[] {
  const needed = [...FIELDS, ...furtherColumns];
  const records = parseFile(file);
  const missing = needed.filter((column) => !(column in (records[0]?.record ?? {})));
  if (missing.length > 0) {
    throw new ProgramError(
      `${file}: expected a header with ${needed.join(",")} and rows, no ${missing.join(", ")}`,
    );
  }
  return records.map(({ record, info }) => ({
    line: info.lines,
    measurements: parseFields(FIELDS.map((field) => record[field] ?? "")),
    columns: record,
  }));
}

interface CsvRecord {
  record: Record<string, string | undefined>;
  info: { lines: number };
}

function parseFile(file: string): CsvRecord[] {
  try {
    const options = {
      bom: true,
      columns: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    };
    return parse(readFileSync(file, "utf8"), options) as unknown as CsvRecord[];
  } catch (error) {
    if (error instanceof CsvError) throw new ProgramError(`${file}: not CSV: ${error.message}`);
    throw new ProgramError(`Cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
