/** How long a task takes at present. */
import type { Database } from "../../../common/sqlite.ts";

const KEEP_MS = 500;
const LATEST = `SELECT avg(duration_ms) / 1000 AS seconds FROM (
  SELECT duration_ms FROM task WHERE result_offset IS NOT NULL ORDER BY result_offset DESC LIMIT 50
)`;

/**
 * Returns the mean of the last 50 answers, in seconds; undefined while there is none. Asked twice a second at
 * most.
 */
export function createPace(database: Database): () => number | undefined {
  const latest = database.prepare(LATEST);
  let [seconds, asked]: [number | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
  return () => {
    if (performance.now() - asked < KEEP_MS) return seconds;
    asked = performance.now();
    seconds = (latest.get() as { seconds: number | null }).seconds ?? undefined;
    return seconds;
  };
}
