/** The query parameters of the routes of tasks. */
import * as v from "valibot";
import { SPECIES } from "../../../common/iris.ts";
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

export const listQuerySchema = v.strictObject({
  status: v.optional(v.pipe(oneOf(STATUSES), v.description("Only tasks of this status."))),
  worker: v.optional(v.pipe(text("a worker's name"), v.description("Only tasks of this worker."))),
  species: v.optional(v.pipe(oneOf(SPECIES), v.description("Only tasks with this answer."))),
  before: v.optional(
    v.pipe(wholeNumber(1), v.description("The `next` of the page before: the cursor of this one.")),
  ),
  limit: v.optional(v.pipe(wholeNumber(1, 500), v.description("How many at most; 50 if not given.")), "50"),
});
