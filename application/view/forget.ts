/** Deletes what is no longer kept, a little at a time: no transaction is to take long. */
import { type Database, inTransaction } from "../../common/sqlite.ts";
import { CLAIM_MS } from "../claims_wire.ts";
import type { Rules } from "./apply.ts";
import { TOMBSTONE_MS } from "./forgotten.ts";
import type { TopicEnds } from "./topic_ends.ts";

/** Rows of one transaction: some milliseconds. */
const STEP_ROWS = 200;
/** Figures are kept for an hour at least: the board draws the last ten minutes. */
const FIGURES_MS = 3_600_000;
/** A claim is deleted an hour after it has ceased to count. */
const CLAIM_KEPT_MS = CLAIM_MS + 3_600_000;

interface OldRow {
  seq: number;
  id: string;
  at: number | null;
}

/**
 * Deletes some of what is too old, and says whether there may be more. To be called only when the view has
 * caught up: before, what is older may still be read. `ends` tell what Kafka itself has deleted.
 */
export function forgetSome(
  database: Database,
  { rows, figures, early, forgotten }: Rules,
  ends: TopicEnds,
  now: number,
): boolean {
  const old = now - forgotten.keepMs;
  const all = (sql: string, ...values: number[]) =>
    rows.prepare(sql).all(...values, STEP_ROWS) as unknown as OldRow[];
  const remove = (sql: string, ...values: number[]) => rows.prepare(sql).run(...values).changes;

  /** In the order in which they ended, so that nothing is looked at in vain. */
  function finished(): OldRow[] {
    const first = all(
      `SELECT seq, id, ended_at AS at FROM task
        WHERE result_offset IS NOT NULL ORDER BY result_offset LIMIT ?`,
    );
    const firstKept = first.findIndex(({ at }) => (at ?? 0) > old);
    return firstKept === -1 ? first : first.slice(0, firstKept);
  }

  /** Failed by their dead letters. */
  function setAside(): OldRow[] {
    return all(
      `SELECT seq, id, ended_at AS at FROM task
        WHERE status > 2 AND status = 3 AND at <= ? AND result_offset IS NULL AND ended_at <= ?
        ORDER BY at LIMIT ?`,
      old,
      old,
    );
  }

  /** Nobody will answer a task that Kafka has deleted. */
  function lost(): OldRow[] {
    const found = [...(ends.get("tasks") ?? [])].map(([partition, { low }]) =>
      all(
        `SELECT seq, id, accepted_at AS at FROM task
          WHERE status < 2 AND partition = ? AND "offset" < ? AND accepted_at <= ? LIMIT ?`,
        partition,
        low,
        old,
      ),
    );
    return found.flat();
  }

  return inTransaction(database, () => {
    const tasks = [...finished(), ...setAside(), ...lost()];
    for (const { seq, id, at } of tasks) forgotten.add(seq, id, at ?? 0);
    const others = [
      early.forgetBefore(old, STEP_ROWS),
      remove(
        "DELETE FROM forgotten WHERE id IN (SELECT id FROM forgotten WHERE at <= ? ORDER BY at LIMIT ?)",
        now - TOMBSTONE_MS,
        STEP_ROWS,
      ),
      remove(
        `DELETE FROM idempotency_key WHERE key IN
          (SELECT key FROM idempotency_key WHERE at <= ? ORDER BY at LIMIT ?)`,
        now - CLAIM_KEPT_MS,
        STEP_ROWS,
      ),
      ...[...(ends.get("deadLetters") ?? [])].map(([partition, { low }]) =>
        remove('DELETE FROM dead_letter WHERE partition = ? AND "offset" < ?', partition, low),
      ),
    ];
    figures.forgetBefore(Math.min(old, now - FIGURES_MS));
    return tasks.length >= STEP_ROWS || others.some((count) => Number(count) >= STEP_ROWS);
  });
}
