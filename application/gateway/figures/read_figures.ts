/** The figures of the last ten minutes, from the view's counts. */
import type { Database } from "../../../common/sqlite.ts";
import { sumDurations } from "../../view/durations.ts";
import { prepared } from "../../view/queries.ts";
import { BUCKET_SECONDS } from "../../view/schema.ts";
import type { QueueState } from "../live/wire.ts";
import type { Figures } from "./figures_schema.ts";
import { spreadOf } from "./quantile.ts";
import type { QueueSamples } from "./queue_samples.ts";
import type { StoredBuckets } from "./stored_buckets.ts";

/** How far the figures go back. */
export const FIGURE_SECONDS = 600;
const READ = "SELECT * FROM figure WHERE bucket >= ? AND bucket <= ?";
const COUNTED = ["accepted", "answered", "failed", "cancelled", "dead_letters", "stored"] as const;
/** Whole buckets that a rate is taken over. */
const RATE_BUCKETS = 2;

interface FigureRow {
  bucket: number;
  accepted: number;
  answered: number;
  failed: number;
  cancelled: number;
  dead: number;
  /** Durations as JSON. */
  waited: string;
  worked: string;
}
type Bucket = Figures["buckets"][number];

export interface FigureSources {
  database: Database;
  samples: QueueSamples;
  /** Undefined where there is no database of results. */
  stored: StoredBuckets | undefined;
  /** Rows in that database. */
  storedTotal: number | undefined;
}

/** All but where the figures come from. */
export function readFigures(
  { database, samples, stored, storedTotal }: FigureSources,
  { totals }: QueueState,
  now = Date.now(),
): Omit<Figures, "sources"> {
  const last = Math.floor(now / 1000 / BUCKET_SECONDS) * BUCKET_SECONDS;
  const first = last - FIGURE_SECONDS + BUCKET_SECONDS;
  const rows = new Map(
    (prepared(database, READ).all(first, last) as unknown as FigureRow[]).map((row) => [row.bucket, row]),
  );
  const starts = Array.from(
    { length: FIGURE_SECONDS / BUCKET_SECONDS },
    (_, index) => first + index * BUCKET_SECONDS,
  );
  const buckets = starts.map((start): Bucket => {
    const row = rows.get(start);
    return {
      at: new Date(start * 1000).toISOString(),
      ...countsOf(row),
      ...(stored === undefined ? {} : { stored: stored.count(start, BUCKET_SECONDS) }),
      ...spansOf(row === undefined ? [] : [row]),
      ...samples.of(start),
    };
  });
  const { waiting, in_progress, accepted, answered, failed, cancelled, dead_letters, oldest_at } = totals;
  return {
    as_of: new Date(now).toISOString(),
    bucket_seconds: BUCKET_SECONDS,
    buckets,
    totals: {
      ...{ accepted, answered, failed, cancelled, dead_letters },
      ...(storedTotal === undefined ? {} : { stored: storedTotal }),
    },
    per_second: rates(buckets.slice(-1 - RATE_BUCKETS, -1)),
    ...spansOf([...rows.values()]),
    ...{ waiting, in_progress },
    ...(oldest_at === undefined ? {} : { oldest_seconds: Math.max(0, now - oldest_at) / 1000 }),
  };
}

function countsOf(row: FigureRow | undefined) {
  const { accepted = 0, answered = 0, failed = 0, cancelled = 0, dead: dead_letters = 0 } = row ?? {};
  return { accepted, answered, failed, cancelled, dead_letters };
}

function spansOf(rows: readonly FigureRow[]): Pick<Bucket, "waited" | "worked"> {
  const waited = spreadOf(sumDurations(rows.map((row) => JSON.parse(row.waited))));
  const worked = spreadOf(sumDurations(rows.map((row) => JSON.parse(row.worked))));
  return { ...(waited === undefined ? {} : { waited }), ...(worked === undefined ? {} : { worked }) };
}

function rates(buckets: readonly Bucket[]): Figures["per_second"] {
  const known = COUNTED.filter((name) => buckets.every((bucket) => bucket[name] !== undefined));
  return Object.fromEntries(
    known.map((name) => [
      name,
      buckets.reduce((sum, bucket) => sum + (bucket[name] ?? 0), 0) / (RATE_BUCKETS * BUCKET_SECONDS),
    ]),
  );
}
