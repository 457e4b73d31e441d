/** What is on the wire: tasks and results, as JSON. The names are a contract with programs in other languages. */
import * as v from "valibot";
import { InputError } from "./errors.ts";
import { type Measurements, type Parsed, type Prediction, parseMeasurements, SPECIES, show } from "./iris.ts";

/** Stage 5 sends {"task_id", "X"}; stage 4 the measurements alone, the very body that stage 3 posts. */
export interface Task {
  task_id?: string;
  X: Measurements;
}

const share = v.number();
const resultSchema = v.object({
  task_id: v.optional(v.string()),
  X: v.optional(v.record(v.string(), v.unknown())),
  y: v.object({
    // A worker in another language need not send more than this.
    iris_type: v.picklist([0, 1, 2]),
    species: v.optional(v.picklist(SPECIES)),
    probabilities: v.optional(v.object({ setosa: share, versicolor: share, virginica: share })),
    model: v.optional(v.string()),
  }),
  worker: v.optional(v.string()),
  partition: v.optional(v.number()),
  /** Milliseconds since 1970, and how long it took. */
  started_at: v.optional(v.number()),
  duration_ms: v.optional(v.number()),
});
export type Result = v.InferOutput<typeof resultSchema>;

const failureSchema = v.object({
  task_id: v.string(),
  error: v.object({ code: v.string(), message: v.string() }),
});
/** Sent in place of a result when a task with an id cannot be answered. */
export type Failure = v.InferOutput<typeof failureSchema>;

export type ParsedTask =
  | { ok: true; value: Task }
  | { ok: false; error: InputError; task_id: string | undefined };

/** Reads a message of `tasks`, in either form. A bad one still gives its id, where there is one to be read. */
export function parseTask(value: Buffer | null): ParsedTask {
  const json = parseJson(value);
  if (!json.ok) return { ...json, task_id: undefined };
  const body = json.value;
  if (!isObject(body) || !("X" in body || "task_id" in body)) {
    const X = parseMeasurements(body);
    return X.ok ? { ok: true, value: { X: X.value } } : { ...X, task_id: undefined };
  }
  const { task_id } = body;
  if (typeof task_id !== "string" || task_id === "" || task_id.length > 200) {
    const error = new InputError("task_id", "a text of 1 to 200 characters", show(task_id));
    return { ok: false, error, task_id: undefined };
  }
  const X = parseMeasurements(body.X);
  return X.ok ? { ok: true, value: { task_id, X: X.value } } : { ...X, task_id };
}

/** Reads a message of `results`: an answer, or a failure. */
export function parseResult(value: Buffer | null): Parsed<Result | Failure> {
  const json = parseJson(value);
  if (!json.ok) return json;
  const result = v.safeParse(v.union([resultSchema, failureSchema]), json.value);
  if (result.success) return { ok: true, value: result.output };
  const expected = "an object with y.iris_type, or with error";
  return { ok: false, error: new InputError("a result", expected, show(json.value)) };
}

/** The message that answers a task; `facts` are further fields, such as the worker's name. */
export function formatResult({ task_id, X }: Task, y: Prediction, facts: object = {}): string {
  return JSON.stringify({ ...(task_id === undefined ? {} : { task_id }), X, y, ...facts });
}

function parseJson(value: Buffer | null): Parsed<unknown> {
  if (value === null) return { ok: false, error: new InputError("the message", "JSON", "no value") };
  const text = value.toString();
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    const got = text.length > 60 ? `${text.slice(0, 60)}... (${value.length} bytes)` : text;
    return { ok: false, error: new InputError("the message", "JSON", JSON.stringify(got)) };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
