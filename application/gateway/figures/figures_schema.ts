/** What GET /figures answers. */
import * as v from "valibot";
import { described } from "../openapi/operation.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const seconds = v.pipe(v.number(), v.minValue(0));
const spread = (text: string) =>
  v.exactOptional(described(v.object({ p50: seconds, p95: seconds }), `${text}, in seconds.`));

const counts = {
  accepted: count,
  answered: count,
  failed: count,
  cancelled: count,
  dead_letters: count,
  stored: v.exactOptional(described(count, "Missing where there is no database of results.")),
};
const spans = {
  waited: spread("From accepted to begun"),
  worked: spread("From begun to answered"),
};

export const figuresSchema = v.object({
  as_of: v.pipe(v.string(), v.isoTimestamp()),
  bucket_seconds: count,
  buckets: described(
    v.array(
      v.object({
        at: described(v.pipe(v.string(), v.isoTimestamp()), "When the bucket begins."),
        ...counts,
        ...spans,
        waiting: v.exactOptional(described(count, "As this gateway saw it; missing before it started.")),
        oldest_seconds: v.exactOptional(described(seconds, "Age of the oldest that waited.")),
      }),
    ),
    "The last ten minutes, oldest first. The last bucket is not over yet.",
  ),
  totals: described(v.object(counts), "Since the log began."),
  per_second: described(
    v.object(Object.fromEntries(Object.keys(counts).map((name) => [name, v.exactOptional(v.number())]))),
    "Over the last two whole buckets.",
  ),
  ...spans,
  waiting: count,
  in_progress: count,
  oldest_seconds: v.exactOptional(described(seconds, "Age of the oldest that waits.")),
  sources: described(v.record(v.string(), v.string()), "For each figure a command that prints the same."),
});
export type Figures = v.InferOutput<typeof figuresSchema>;
