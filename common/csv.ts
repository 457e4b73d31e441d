/** CSV files of measurements, as spreadsheets and other programs save them. */
import { CsvError, parse } from "csv-parse/sync";
import { type Column, findColumns } from "./csv_columns.ts";
import { findSeparator, readCsvText } from "./csv_text.ts";
import { InputError, ProgramError } from "./errors.ts";
import { FIELDS, type Measurements, type Parsed, parseFields } from "./iris.ts";
import { printable } from "./printable.ts";

export interface CsvRow {
  /** Its number in the file, counted from 1. */
  line: number;
  measurements: Parsed<Measurements>;
  /** The text in the column of the species; empty when there is no such column. */
  species: string;
}

/**
 * Reads a file with the four measurements and the columns of `also`, in any order and beside other columns.
 * Numbers may have a decimal comma. A bad row is returned as one, so that all of them can be named. Throws
 * ProgramError with one line when the file cannot be read, is no CSV, or lacks a column.
 */
export function readMeasurementsCsv(file: string, also: readonly "species"[] = []): CsvRow[] {
  const rows = parseRows(file);
  const { hasHeader, count, places } = findColumns(printable(file), rows[0]?.values ?? [], [
    ...FIELDS,
    ...also,
  ]);
  const data = hasHeader ? rows.slice(1) : rows;
  if (data.length === 0)
    throw new ProgramError(`${printable(file)}: expected rows below the header, got none`);
  return data.map(({ line, values }) => {
    const textIn = (column: Column) => values[places[column] ?? -1] ?? "";
    if (values.length > count) return { line, measurements: tooMany(values.length, count), species: "" };
    const measurements = parseFields(FIELDS.map((field) => withPoint(textIn(field))));
    return { line, measurements, species: textIn("species") };
  });
}

/** `5,1` is how most of Europe writes 5.1. */
function withPoint(text: string): string {
  return /^[+-]?\d*,\d+$/.test(text) ? text.replace(",", ".") : text;
}

function tooMany(got: number, expected: number): Parsed<Measurements> {
  const advice = "Decimal commas? Then separate the columns with semicolons";
  const error = new InputError("the row", `${expected} values, like the first line`, `${got}. ${advice}`);
  return { ok: false, error };
}

interface Row {
  line: number;
  /** Trimmed. Empty ones at the end are left out: spreadsheets write as many as their widest row has. */
  values: string[];
}

function withoutEmptyEnd(record: readonly string[]): string[] {
  const values = record.map((value) => value.trim());
  return values.slice(0, values.findLastIndex((value) => value !== "") + 1);
}

/** The rows that are not blank. */
function parseRows(file: string): Row[] {
  const text = readCsvText(file);
  const { separator, firstLine } = findSeparator(text);
  const options = {
    delimiter: separator,
    record_delimiter: ["\r\n", "\n", "\r"],
    from_line: firstLine,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    // Trimming would take tabs that separate.
    trim: separator !== "\t",
  };
  try {
    const records = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({ line: info.lines, values: withoutEmptyEnd(record) }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new ProgramError(`${printable(file)}: not CSV: ${printable(cause.message)}`, { cause });
  }
}
