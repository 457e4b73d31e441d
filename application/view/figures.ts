/**
 * What happened, counted: in each few seconds, and since the log began. The counts are a function of the
 * rows, in whatever order the topics are read: a row that changes takes back what it had counted before.
 */
import type { Database } from "../../common/sqlite.ts";
import { addDuration, type Durations } from "./durations.ts";
import { prepared } from "./queries.ts";
import { BUCKET_SECONDS, FIRST_FINAL, STATUSES, type TaskRow } from "./schema.ts";

/** What a row of `task` counts for. */
export type CountedRow = Pick<TaskRow, "accepted_at" | "status" | "ended_at" | "started_at" | "duration_ms">;

const EVENTS = ["accepted", "answered", "failed", "cancelled", "dead"] as const;
type Event = (typeof EVENTS)[number];
/** What each final status counts as. */
const OUTCOMES: Partial<Record<(typeof STATUSES)[number], Event>> = {
  SUCCESS: "answered",
  FAILED: "failed",
  CANCELLED: "cancelled",
};
const SPANS = ["waited", "worked"] as const;
type Span = (typeof SPANS)[number];

type Counts = Record<Event, number> & Record<Span, Durations>;
/** Buckets that are kept in memory between two transactions. */
const KEPT_BUCKETS = 200;

export class Figures {
  readonly #database: Database;
  readonly #buckets = new Map<number, Counts>();
  readonly #dirty = new Set<number>();
  readonly #totals: Counts;

  constructor(database: Database) {
    this.#database = database;
    const rows = database.prepare("SELECT name, value FROM total").all() as {
      name: string;
      value: unknown;
    }[];
    this.#totals = toCounts(Object.fromEntries(rows.map(({ name, value }) => [name, value])));
  }

  /** Counts one more (or, with -1, one less) at this time. */
  add(event: Event, at: number, sign = 1): void {
    this.#bucketOf(at)[event] += sign;
    this.#totals[event] += sign;
  }

  /** Counts what a row says; with -1 it takes that back. */
  addRow(row: CountedRow, sign = 1): void {
    if (row.accepted_at !== null) this.add("accepted", row.accepted_at, sign);
    this.addEnd(row, sign);
  }

  /** Counts how a row ended, if it has. */
  addEnd({ status, ended_at, accepted_at, started_at, duration_ms }: CountedRow, sign = 1): void {
    const outcome = OUTCOMES[STATUSES[status] ?? "PENDING"];
    if (outcome === undefined || status < FIRST_FINAL || ended_at === null) return;
    this.add(outcome, ended_at, sign);
    if (started_at !== null && accepted_at !== null)
      this.#addSpan("waited", ended_at, Math.max(0, started_at - accepted_at), sign);
    if (duration_ms !== null) this.#addSpan("worked", ended_at, Math.max(0, duration_ms), sign);
  }

  #addSpan(span: Span, at: number, ms: number, sign: number): void {
    addDuration(this.#bucketOf(at)[span], ms, sign);
    addDuration(this.#totals[span], ms, sign);
  }

  #bucketOf(at: number): Counts {
    const bucket = Math.floor(at / (BUCKET_SECONDS * 1000)) * BUCKET_SECONDS;
    this.#dirty.add(bucket);
    const known = this.#buckets.get(bucket);
    if (known !== undefined) return known;
    const row = this.#database.prepare("SELECT * FROM figure WHERE bucket = ?").get(bucket);
    const counts = toCounts((row ?? {}) as Record<string, unknown>);
    this.#buckets.set(bucket, counts);
    return counts;
  }

  /** Writes what has changed; to be called before each COMMIT. */
  write(): void {
    if (this.#dirty.size === 0) return;
    const write = prepared(this.#database, "INSERT OR REPLACE INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    const valuesOf = (counts: Counts) => [
      ...EVENTS.map((event) => counts[event]),
      ...SPANS.map((span) => JSON.stringify(counts[span])),
    ];
    for (const bucket of this.#dirty) {
      const counts = this.#buckets.get(bucket);
      if (counts !== undefined) write.run(bucket, ...valuesOf(counts));
    }
    this.#dirty.clear();
    if (this.#buckets.size > KEPT_BUCKETS) this.#buckets.clear();
    const writeTotal = prepared(this.#database, "INSERT OR REPLACE INTO total VALUES (?, ?)");
    for (const event of EVENTS) writeTotal.run(event, this.#totals[event]);
    for (const span of SPANS) writeTotal.run(span, JSON.stringify(this.#totals[span]));
  }

  /** Forgets the buckets before this time; the totals stay. */
  forgetBefore(at: number): void {
    const bucket = Math.floor(at / 1000);
    this.#database.prepare("DELETE FROM figure WHERE bucket < ?").run(bucket);
    for (const kept of [...this.#buckets.keys()]) if (kept < bucket) this.#buckets.delete(kept);
  }
}

function toCounts(row: Record<string, unknown>): Counts {
  const events = EVENTS.map((event) => [event, Number(row[event] ?? 0)]);
  const spans = SPANS.map((span) => [span, JSON.parse(String(row[span] ?? "{}"))]);
  return Object.fromEntries([...events, ...spans]) as Counts;
}
