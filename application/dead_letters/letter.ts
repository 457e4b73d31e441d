/** A dead letter as it is told of: by the gateway over HTTP, and by the command as JSON. */
import * as v from "valibot";
import { isoTime } from "../iso_time.ts";
import { showBytes, shownSchema } from "./show_bytes.ts";

const place = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What is not known is left out. */
export const letterSchema = v.object({
  partition: v.pipe(place, v.description("Its place in tasks-dlt.")),
  offset: place,
  set_aside_at: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
  reason: v.pipe(v.string(), v.description("Why no worker could read it.")),
  original: v.pipe(
    v.object({
      topic: v.exactOptional(v.string()),
      partition: v.exactOptional(place),
      offset: v.exactOptional(place),
    }),
    v.description("Where it lay."),
  ),
  size: v.exactOptional(v.pipe(v.number(), v.description("Bytes of its value; missing if it has none."))),
  value: v.exactOptional(shownSchema),
  key: v.exactOptional(shownSchema),
  headers: v.exactOptional(
    v.pipe(v.record(v.string(), v.array(v.string())), v.description("Each may come several times.")),
  ),
  replayed_as: v.exactOptional(v.pipe(v.string(), v.description("The id of the task that is its replay."))),
});
export type LetterJson = v.InferOutput<typeof letterSchema>;

/** What is known of a letter, from wherever it was read. */
export interface LetterFacts {
  partition: number;
  offset: number;
  /** Milliseconds since 1970. */
  at: number;
  reason: string;
  original_partition: number | null;
  original_offset: number | null;
  key: Uint8Array | null;
  value: Uint8Array | null;
  /** Left out where there are too many to show. */
  headers?: Record<string, string[]>;
  replayed_as: string | null;
}

/** `longest`: so many bytes of key and value are shown. */
export function toLetterJson(facts: LetterFacts, longest?: number): LetterJson {
  const { partition, offset, at, reason, original_partition, original_offset, key, value, headers } = facts;
  const topic = headers?.["original-topic"]?.at(-1);
  return {
    partition,
    offset,
    ...isoTime("set_aside_at", at),
    reason,
    original: {
      ...(topic === undefined ? {} : { topic }),
      ...(original_partition === null ? {} : { partition: original_partition }),
      ...(original_offset === null ? {} : { offset: original_offset }),
    },
    ...(value === null ? {} : { size: value.length, value: showBytes(value, longest) }),
    ...(key === null ? {} : { key: showBytes(key, longest) }),
    ...(headers === undefined ? {} : { headers }),
    ...(facts.replayed_as === null ? {} : { replayed_as: facts.replayed_as }),
  };
}
