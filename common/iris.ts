/** What an iris is to every stage: four measurements in cm, three species, and how people write them. */
import * as v from "valibot";
import { InputError } from "./errors.ts";

/** Index = `iris_type`. */
export const SPECIES = ["setosa", "versicolor", "virginica"] as const;
export type Species = (typeof SPECIES)[number];

const LONGEST_CM = 30;
const A_LENGTH = `a number between 0 and ${LONGEST_CM} cm`;
const length = v.pipe(v.number(), v.gtValue(0), v.maxValue(LONGEST_CM));

export const measurementsSchema = v.object({
  sepal_length: length,
  sepal_width: length,
  petal_length: length,
  petal_width: length,
});
export type Measurements = v.InferOutput<typeof measurementsSchema>;
export type Field = keyof Measurements;

/** In the order of argv, the prompt and the data set. */
export const FIELDS = Object.keys(measurementsSchema.entries) as Field[];

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** Reads a field that another program may leave out, or write in another way: then it counts as left out. */
const ifKnown = <Schema extends v.GenericSchema>(schema: Schema) => v.fallback(v.optional(schema), undefined);

/** As little as an answer may hold: a server or worker in another language need not count votes. */
export const answerSchema = v.object({
  iris_type: v.picklist([0, 1, 2]),
  species: ifKnown(v.picklist(SPECIES)),
  /** Shares of the forest's votes. */
  probabilities: ifKnown(v.object({ setosa: share, versicolor: share, virginica: share })),
  /** Version of the model that answered. */
  model: ifKnown(v.string()),
});
export type Answer = v.InferOutput<typeof answerSchema>;

/** What our own model answers. */
export type Prediction = { [Field in keyof Answer]-?: NonNullable<Answer[Field]> };

/** Bad input is expected, so it is a branch and not an exception. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; error: InputError };

/** Reads a value that came as JSON: an HTTP body, a Kafka message. */
export function parseMeasurements(value: unknown): Parsed<Measurements> {
  const result = v.safeParse(measurementsSchema, value, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const field = result.issues[0].path?.[0].key as Field | undefined;
  if (field === undefined) {
    return bad("the measurements", `an object with ${FIELDS.join(", ")}`, show(value));
  }
  return badLength(field, (value as Partial<Record<Field, unknown>>)[field]);
}

/** Reads four numbers that came as text, in the order of `FIELDS`: argv, a row of CSV. */
export function parseFields(texts: readonly string[]): Parsed<Measurements> {
  if (texts.length > FIELDS.length) return tooMany(texts.length);
  const numbers: Partial<Measurements> = {};
  for (const [index, field] of FIELDS.entries()) {
    const text = texts[index];
    if (text === undefined || !isDecimal(text)) return badLength(field, text, adviceFor(texts, text));
    numbers[field] = Number(text);
  }
  return parseMeasurements(numbers);
}

/** Reads a line of the prompt: `6,3,4,1`, `6 3 4 1` or `6, 3, 4, 1`. */
export function parseLine(line: string): Parsed<Measurements> {
  // White space is folded first, since / *, *| +/ alone takes quadratic time on a long run of blanks.
  const folded = line.trim().replace(/\s+/g, " ");
  const texts = folded === "" ? [] : folded.split(/ ?, ?| /);
  if (texts.length <= FIELDS.length) return parseFields(texts);
  return tooMany(texts.length, ": commas separate numbers, write decimals with a point (5.1)");
}

function tooMany(count: number, advice = ""): { ok: false; error: InputError } {
  return bad("the input", `${FIELDS.length} numbers (${FIELDS.join(", ")})`, `${count}${advice}`);
}

function adviceFor(texts: readonly string[], text = ""): string {
  if (/^\d+,\d+$/.test(text)) return ": write decimals with a point (5.1)";
  // A cell of a table can hold "1,2,3", too; there, spaces are no help, and no value is missing.
  const asArguments = texts.length < FIELDS.length || text.endsWith(",");
  return asArguments && text.includes(",") ? ": separate the numbers with spaces" : "";
}

/** Reads what a server answered. */
export function parseAnswer(value: unknown): Parsed<Answer> {
  const result = v.safeParse(answerSchema, value);
  if (result.success) return { ok: true, value: result.output };
  return bad("the answer", "an object with iris_type 0, 1 or 2", show(value));
}

/** The four numbers as they are typed at a prompt: 6,3,4,1. */
export function formatLine(measurements: Measurements): string {
  return FIELDS.map((field) => measurements[field]).join(",");
}

/**
 * The line that every stage prints: `Iris type: 1 (versicolor, 96 %)`. The share is of the forest's votes.
 */
export function formatAnswer({ iris_type, species = SPECIES[iris_type], probabilities }: Answer): string {
  const share = probabilities === undefined ? "" : `, ${Math.round(probabilities[species] * 100)} %`;
  return `Iris type: ${iris_type} (${species}${share})`;
}

/** Decimal notation only: Number() alone would also take "0x10", "1e1", "Infinity" and "". */
function isDecimal(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text);
}

function badLength(field: Field, value: unknown, advice = ""): { ok: false; error: InputError } {
  return bad(field, A_LENGTH, value === 0 ? "0, which no petal or sepal has" : show(value) + advice);
}

function bad(field: string, expected: string, got: string): { ok: false; error: InputError } {
  return { ok: false, error: new InputError(field, expected, got) };
}

/** A value as it came, short enough for one line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "number" ? String(value) : toJson(value);
  return text.length > 60 ? `${text.slice(0, 60)}... (${text.length} characters)` : text;
}

/**
 * JSON.parse() reads lists in lists in lists, however deep, but JSON.stringify() overflows the stack with
 * them.
 */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return "a value too deep to show";
    throw error;
  }
}
