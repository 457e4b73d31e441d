/** The query parameters of the routes of tasks. */
import * as v from "valibot";
import { SPECIES } from "../../../common/iris.ts";
import type { ListPlace } from "../../view/list_tasks.ts";
import { STATUSES } from "../../view/schema.ts";
import { LONGEST_WAIT_SECONDS } from "../http/headers.ts";
import { oneOf, text, wholeNumber } from "../http/parameters.ts";

export const waitQuerySchema = v.strictObject({
  wait: v.optional(
    v.pipe(
      wholeNumber(0, LONGEST_WAIT_SECONDS),
      v.description("Seconds to wait for another status, before the present one is answered."),
    ),
  ),
});

/** A place in the list as text. Nobody but us needs to read it. */
export function formatCursor(place: ListPlace): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function cursor() {
  const expected = "the `next` of an earlier answer";
  return v.pipe(
    v.string(expected),
    v.transform((given): unknown => {
      try {
        return JSON.parse(Buffer.from(given, "base64url").toString());
      } catch {
        return undefined;
      }
    }),
    v.strictTuple([v.pipe(v.number(), v.safeInteger()), v.string()], expected),
  );
}

export const listQuerySchema = v.strictObject({
  status: v.optional(v.pipe(oneOf(STATUSES), v.description("Only tasks of this status."))),
  worker: v.optional(v.pipe(text("a worker's name"), v.description("Only tasks of this worker."))),
  species: v.optional(v.pipe(oneOf(SPECIES), v.description("Only tasks with this answer."))),
  before: v.optional(
    v.pipe(cursor(), v.description("The `next` of the page before: the cursor of this one.")),
  ),
  limit: v.optional(v.pipe(wholeNumber(1, 500), v.description("How many at most; 50 if not given.")), "50"),
});
