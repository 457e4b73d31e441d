/**
 * What the gateway answers, as `GET /openapi.json` describes it. An operation stands beside its route and
 * names the schemas that the route itself parses with, so that the two cannot part.
 */
import * as v from "valibot";

/** A schema of an object, each entry of which is a parameter. v.description() in an entry explains it. */
export interface Fields extends v.GenericSchema {
  readonly entries: Readonly<Record<string, v.GenericSchema>>;
}

export interface Operation {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As Fastify writes it: "/tasks/:id". */
  path: string;
  /** A name for programs that are made from the document, such as "postTasks"; no other operation has it. */
  id: string;
  /** Under which the document lists it. */
  tag: "tasks" | "queue" | "dead letters" | "results" | "service" | "board" | "controls";
  /** One line. */
  summary: string;
  /** More than one line has room for. */
  description?: string;
  /** What stands in the path; each of them has to be there. */
  params?: Fields;
  query?: Fields;
  /** Names in lower case, as Node gives them. */
  headers?: Fields;
  body?: Body;
  answers: Readonly<Record<number, Answer>>;
  /** At least one for each operation: a test sends them to a real gateway, in their order. */
  examples: readonly Example[];
}

export interface Body {
  schema: v.GenericSchema;
  /** application/json if not given. */
  contentType?: string;
  /** Whether it may be left out. */
  optional?: true;
}

export interface Answer {
  description: string;
  /** Of a JSON body; not given for other types, and where there is no body. */
  schema?: v.GenericSchema;
  /** application/json if there is a schema, and otherwise no body. */
  contentType?: string;
  /** Names and what they tell. */
  headers?: Readonly<Record<string, string>>;
}

export interface Example {
  /** Tells it from the others of its operation: "a list". */
  name: string;
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  /** What the gateway answers, when the tasks of EXAMPLE_TASKS are there. */
  status: number;
  /** The body as it could be; the schema of this status has to accept it. */
  answer?: unknown;
}

/**
 * Ids for examples. The test that sends the examples puts such tasks into Kafka first: they are in this
 * state. It also sets one message aside: the dead letter 0/0. An example that changes one of them names its
 * own.
 */
export const EXAMPLE_TASKS = {
  waiting: "0b8a1f4e-7c1d-4a52-9d0e-3f6b2c9a1e01",
  answered: "0b8a1f4e-7c1d-4a52-9d0e-3f6b2c9a1e02",
  failed: "0b8a1f4e-7c1d-4a52-9d0e-3f6b2c9a1e03",
  cancelled: "0b8a1f4e-7c1d-4a52-9d0e-3f6b2c9a1e04",
  /** Waits, and is there to be cancelled. */
  toCancel: "0b8a1f4e-7c1d-4a52-9d0e-3f6b2c9a1e05",
  /** No task has it. */
  unknown: "0b8a1f4e-7c1d-4a52-9d0e-3f6b2c9a1e99",
} as const;

/** The body of every error (RFC 9457). Some carry more: see the description of its status. */
export const problemSchema = v.looseObject({
  type: v.pipe(v.string(), v.description("Stable, for programs; GET it for an explanation.")),
  title: v.string(),
  status: v.number(),
  detail: v.pipe(v.string(), v.description("What was expected, what came, what to do next.")),
  field: v.exactOptional(v.pipe(v.string(), v.description("Of bad input: what was wrong."))),
  expected: v.exactOptional(v.string()),
  got: v.exactOptional(v.string()),
  index: v.exactOptional(v.pipe(v.number(), v.description("Of the bad element of a list."))),
});

/** An answer that is a problem. */
export function problemAnswer(description: string, headers: Answer["headers"] = {}): Answer {
  return { description, schema: problemSchema, contentType: "application/problem+json", headers };
}

/** The schema, with a text that the document shows beside it. */
export function described<Schema extends v.GenericSchema>(schema: Schema, text: string) {
  return v.pipe(schema, v.description(text));
}
