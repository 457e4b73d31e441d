/**
 * What is on the wire: tasks and results, as JSON. The names are a contract with programs in other languages.
 */
import * as v from "valibot";
import { InputError } from "./errors.ts";
import {
  type Answer,
  answerSchema,
  type Measurements,
  type Parsed,
  type Prediction,
  parseMeasurements,
  show,
} from "./iris.ts";

/** Stage 5 sends {"task_id", "X"}; stage 4 the measurements alone, the very body that stage 3 posts. */
export interface Task {
  task_id?: string;
  X: Measurements;
}

/** What a worker may tell about its work. They stand beside X and y, which hold nothing else. */
const factsSchema = v.object({
  worker: v.optional(v.string()),
  /** The task's place in `tasks`: so a task without an id can be found again. */
  partition: v.optional(v.number()),
  offset: v.optional(v.string()),
  /** Milliseconds since 1970, and how long it took. */
  started_at: v.optional(v.number()),
  duration_ms: v.optional(v.number()),
});
export type Facts = v.InferOutput<typeof factsSchema>;

const resultSchema = v.object({
  task_id: v.optional(v.string()),
  X: v.optional(v.record(v.string(), v.unknown())),
  // Messages of older workers hold species and probabilities inside y.
  y: answerSchema,
  ...v.omit(answerSchema, ["iris_type"]).entries,
  ...factsSchema.entries,
});

const failureSchema = v.object({
  task_id: v.string(),
  error: v.object({ code: v.string(), message: v.string() }),
  ...factsSchema.entries,
});
/** Sent in place of a result when a task with an id cannot be answered. */
export type Failure = v.InferOutput<typeof failureSchema>;

/** An answer with all that its worker told about it. */
export interface Result extends Facts {
  task_id?: string | undefined;
  X?: Record<string, unknown> | undefined;
  answer: Answer;
}

export type ParsedTask =
  | { ok: true; value: Task }
  | { ok: false; error: InputError; task_id: string | undefined };

/**
 * Reads a message of `tasks`, with or without an id. A bad one still gives its id, where there is one to be
 * read.
 */
export function parseTask(value: Buffer | null): ParsedTask {
  const json = parseJson(value);
  if (!json.ok) return { ...json, task_id: undefined };
  const body = json.value;
  if (!isObject(body) || !("X" in body || "task_id" in body)) return withoutId(body);
  const { task_id, X } = body;
  if (task_id === undefined) return withoutId(X);
  if (typeof task_id !== "string" || task_id === "" || task_id.length > 200) {
    const error = new InputError("task_id", "a text of 1 to 200 characters", show(task_id));
    return { ok: false, error, task_id: undefined };
  }
  const parsed = parseMeasurements(X);
  return parsed.ok ? { ok: true, value: { task_id, X: parsed.value } } : { ...parsed, task_id };
}

function withoutId(measurements: unknown): ParsedTask {
  const X = parseMeasurements(measurements);
  return X.ok ? { ok: true, value: { X: X.value } } : { ...X, task_id: undefined };
}

/** Reads a message of `results`: an answer, or a failure. */
export function parseResult(value: Buffer | null): Parsed<Result | Failure> {
  const json = parseJson(value);
  if (!json.ok) return json;
  if (isObject(json.value) && "error" in json.value) {
    const failure = v.safeParse(failureSchema, json.value);
    if (failure.success) return { ok: true, value: failure.output };
  }
  const result = v.safeParse(resultSchema, json.value);
  if (result.success) {
    const { task_id, X, y, species, probabilities, model } = result.output;
    const { worker, partition, offset, started_at, duration_ms } = result.output;
    const answer = {
      iris_type: y.iris_type,
      species: species ?? y.species,
      probabilities: probabilities ?? y.probabilities,
      model: model ?? y.model,
    };
    return { ok: true, value: { task_id, X, answer, worker, partition, offset, started_at, duration_ms } };
  }
  const expected = "an object with y.iris_type, or with task_id and error";
  return { ok: false, error: new InputError("a result", expected, show(json.value)) };
}

/**
 * The message that answers a task. `y` holds iris_type alone: readers pass X and y to strict constructors.
 */
export function formatResult({ task_id, X }: Task, prediction: Prediction, facts: Facts = {}): string {
  const { iris_type, species, probabilities, model } = prediction;
  // JSON leaves out what is undefined. Copying the rest of the prediction would take three times as long.
  return JSON.stringify({ task_id, X, y: { iris_type }, species, probabilities, model, ...facts });
}

/** Tells of a task with an id that it cannot be answered. */
export function formatFailure(failure: Failure): string {
  return JSON.stringify(failure);
}

function parseJson(value: Buffer | null): Parsed<unknown> {
  if (value === null) return { ok: false, error: new InputError("the message", "JSON", "no value") };
  const text = value.toString();
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (cause) {
    const got = text.length > 60 ? `${text.slice(0, 60)}... (${value.length} bytes)` : text;
    return { ok: false, error: new InputError("the message", "JSON", JSON.stringify(got), { cause }) };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
