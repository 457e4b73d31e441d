/** Dead letters, from the view. A letter may have 2 MB: each is read by itself, with a pause between two. */
import { setImmediate as turn } from "node:timers/promises";
import * as v from "valibot";
import type { Database } from "../../../common/sqlite.ts";
import { type LetterJson, toLetterJson } from "../../dead_letters/letter.ts";
import type { LetterPlace } from "../../dead_letters/replay.ts";

/** So much of a value, a key and all headers stands in a list; the letter itself has all of it. */
export const SHOWN_BYTES = 2000;

const bytes = v.nullable(v.instance(Uint8Array));
const rowSchema = v.object({
  partition: v.number(),
  offset: v.number(),
  at: v.number(),
  reason: v.string(),
  original_partition: v.nullable(v.number()),
  original_offset: v.nullable(v.number()),
  key: bytes,
  value: bytes,
  headers: v.string(),
  replayed_as: v.nullable(v.string()),
});
const headersSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.array(v.string())));
/** A row of `dead_letter`. */
export type LetterRow = v.InferOutput<typeof rowSchema>;

/** Where a list goes on: behind this letter. */
export interface LetterCursor extends LetterPlace {
  at: number;
}
const cursorSchema = v.object({ at: v.number(), partition: v.number(), offset: v.number() });

/** The letter at this place, if the view has it. */
export function findLetter(database: Database, { partition, offset }: LetterPlace): LetterRow | undefined {
  const row = database
    .prepare('SELECT * FROM dead_letter WHERE partition = ? AND "offset" = ?')
    .get(partition, offset);
  return row === undefined ? undefined : v.parse(rowSchema, row);
}

/** How many the view has. */
export function countLetters(database: Database): number {
  const row = database.prepare("SELECT count(*) AS count FROM dead_letter").get();
  return v.parse(v.object({ count: v.number() }), row).count;
}

/** The newest letters, or those behind `before`; and where the next page begins, if there is one. */
export async function listLetters(
  database: Database,
  limit: number,
  before: LetterCursor = { at: Number.MAX_SAFE_INTEGER, partition: 0, offset: 0 },
): Promise<{ letters: LetterJson[]; next?: LetterCursor }> {
  const places = database
    .prepare(
      `SELECT at, partition, "offset" FROM dead_letter WHERE (at, partition, "offset") < (?, ?, ?)
       ORDER BY at DESC, partition DESC, "offset" DESC LIMIT ?`,
    )
    .all(before.at, before.partition, before.offset, limit + 1)
    .map((row) => v.parse(cursorSchema, row));
  const letters: LetterJson[] = [];
  for (const place of places.slice(0, limit)) {
    const letter = findLetter(database, place);
    if (letter !== undefined) letters.push(toJson(letter, SHOWN_BYTES));
    await turn();
  }
  const last = places[limit - 1];
  return { letters, ...(places.length > limit && last !== undefined ? { next: last } : {}) };
}

/** `longest`: so many bytes of each part are shown. Headers that are longer are left out. */
export function toJson({ headers, ...facts }: LetterRow, longest = Number.POSITIVE_INFINITY): LetterJson {
  const known = headers.length <= longest ? { headers: v.parse(headersSchema, headers) } : {};
  return toLetterJson({ ...facts, ...known }, longest);
}
