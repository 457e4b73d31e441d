/** Finds the columns of a CSV file: by the names in its first line or, if it has none, by their places. */
import { ProgramError } from "./errors.ts";
import { FIELDS, type Field, show } from "./iris.ts";

export type Column = Field | "species";

/** Names without case, spaces and punctuation, and without the unit (`in cm`). */
const NAMES: Record<string, Column> = {
  sepallength: "sepal_length",
  sepalwidth: "sepal_width",
  petallength: "petal_length",
  petalwidth: "petal_width",
  seplen: "sepal_length",
  sepwid: "sepal_width",
  petlen: "petal_length",
  petwid: "petal_width",
  species: "species",
  class: "species",
  variety: "species",
  target: "species",
  iristype: "species",
};

const WITHOUT_HEADER: readonly Column[] = [...FIELDS, "species"];

export interface Columns {
  hasHeader: boolean;
  /** How many values a row may have. */
  count: number;
  /** Where each column stands, counted from 0. */
  places: Partial<Record<Column, number>>;
}

/**
 * Finds the columns of a file by its first row. Columns with other names are allowed.
 * Throws ProgramError with one line when one of `needed` is missing or is there twice.
 */
export function findColumns(file: string, first: readonly string[], needed: readonly Column[]): Columns {
  const hasHeader = !isData(first);
  const names = hasHeader ? first.map(toColumn) : WITHOUT_HEADER;
  if (first.length > names.length) {
    const advice = "with decimal commas, separate the columns with semicolons";
    throw new ProgramError(
      `${file}: expected 4 or 5 values, since there is no header, got ${first.length}: ${advice}`,
    );
  }
  const places: Columns["places"] = {};
  for (const [place, column] of names.slice(0, first.length).entries()) {
    if (column === undefined) continue;
    const earlier = places[column];
    if (earlier !== undefined) {
      const both = `${show(first[earlier])} and ${show(first[place])}`;
      throw new ProgramError(`${file}: expected one column ${column}, got two: ${both}`);
    }
    places[column] = place;
  }
  const missing = needed.filter((column) => places[column] === undefined);
  if (missing.length > 0) {
    const got = first.length === 0 ? "an empty file" : `no ${missing.join(", ")} in ${show(first.join(","))}`;
    throw new ProgramError(`${file}: expected a header with ${needed.join(",")}, got ${got}`);
  }
  return { hasHeader, count: first.length, places };
}

/** The UCI repository's file has no header: each line is four numbers and the species. */
function isData(first: readonly string[]): boolean {
  const isNumber = (text: string) => /^[+-]?[\d.,]+$/.test(text);
  return first.length >= FIELDS.length && first.slice(0, FIELDS.length).every(isNumber);
}

function toColumn(name: string): Column | undefined {
  const key = name
    .toLowerCase()
    .replace(/[^a-z]/g, "")
    .replace(/(in)?cm$/, "");
  return Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
}
