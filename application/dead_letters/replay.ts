/** Puts a dead letter back into `tasks`: as a new task, whose header says which letter it replays. */
import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { InputError } from "../../common/errors.ts";
import { type Measurements, type Parsed, parseLine, parseMeasurements, show } from "../../common/iris.ts";
import type { OutgoingMessage } from "../../common/kafka/producer.ts";
import { parseTask } from "../../common/messages.ts";

/** The header of a task that replays a dead letter: "<partition>/<offset>" of the letter in tasks-dlt. */
export const REPLAY_OF = "replay-of";

/** Where a letter lies in tasks-dlt. */
export interface LetterPlace {
  partition: number;
  offset: number;
}

/** As people and the header write it: "0/12". */
export function formatPlace({ partition, offset }: LetterPlace): string {
  return `${partition}/${offset}`;
}

const placeSchema = v.pipe(
  v.string(),
  v.regex(/^\d{1,9}\/\d{1,15}$/),
  v.transform((text) => text.split("/").map(Number)),
);

/** Reads "0/12"; undefined when it is none. */
export function parsePlace(text: string): LetterPlace | undefined {
  const parsed = v.safeParse(placeSchema, text);
  if (!parsed.success) return undefined;
  const [partition = 0, offset = 0] = parsed.output;
  return { partition, offset };
}

/**
 * The measurements of a letter, by the rules of the worker that set it aside. `edit` is what they should be
 * instead: an object, or a text as at the prompt (6,3,4,1) or as JSON. Throws InputError when they still
 * cannot be read.
 */
export function readMeasurements(value: Buffer | null, edit?: unknown): Measurements {
  if (typeof edit === "string" && !/^\s*[[{]/.test(edit)) return orThrow(parseLine(edit));
  if (typeof edit === "object" && edit !== null) {
    return orThrow(parseMeasurements("X" in edit ? edit.X : edit));
  }
  if (edit === undefined || typeof edit === "string") {
    const task = parseTask(typeof edit === "string" ? Buffer.from(edit) : value);
    if (task.ok) return task.value.X;
    throw task.error;
  }
  throw new InputError("the edited task", "an object with the measurements, or a text", show(edit));
}

function orThrow<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw parsed.error;
}

/** The new task, under an id of its own. */
export function toReplay(place: LetterPlace, X: Measurements, task_id: string = randomUUID()) {
  const message: OutgoingMessage = {
    value: JSON.stringify({ task_id, X }),
    headers: { [REPLAY_OF]: formatPlace(place) },
  };
  return { task_id, message };
}
