/** How many results match a filter. Rows are only ever added, so each is counted once and remembered. */
import { setImmediate as turn } from "node:timers/promises";
import * as v from "valibot";
import { SPECIES } from "../../../common/iris.ts";
import type { Database } from "../../../common/sqlite.ts";
import { CANCELLED } from "../../task_events.ts";
import { conditionFor, type ResultsFilter, type ResultsTable } from "./filter.ts";
import { hasTable } from "./read_results.ts";

/** Rows that one step looks through. */
const LOOK_THROUGH = 20_000;
/** Filters whose counts are remembered. */
const MOST_FILTERS = 100;

export const COUNTED = [...SPECIES, "failed", "cancelled"] as const;
export type Counts = Record<(typeof COUNTED)[number], number>;

interface Known {
  counts: Counts;
  /** The last row of each table that is counted. */
  upTo: Record<ResultsTable, number>;
}

/** What a row counts as. */
const NAMES = {
  iris_prediction: "species",
  iris_failure: `CASE code WHEN '${CANCELLED}' THEN 'cancelled' ELSE 'failed' END`,
};
const groupsSchema = v.array(v.object({ name: v.picklist(COUNTED), count: v.number() }));
const idSchema = v.object({ id: v.nullable(v.number()) });

/** The counts of one file. Another file, or the same one made anew, needs another object. */
export class ResultCounts {
  readonly #known = new Map<string, Promise<Known>>();

  /** Counts what has come since it was last asked for these results. */
  async count(database: Database, filter: ResultsFilter): Promise<Counts> {
    const key = JSON.stringify(filter);
    // Whoever asks at the same time goes on where the other one ends.
    const next = this.#countOn(database, filter, this.#known.get(key));
    this.#known.delete(key);
    this.#known.set(key, next);
    const [oldest = key] = this.#known.keys();
    if (this.#known.size > MOST_FILTERS) this.#known.delete(oldest);
    next.catch(() => this.#known.delete(key));
    return (await next).counts;
  }

  async #countOn(database: Database, filter: ResultsFilter, before?: Promise<Known>): Promise<Known> {
    const none = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counts;
    const known = (await before?.catch(() => undefined)) ?? {
      counts: none,
      upTo: { iris_prediction: 0, iris_failure: 0 },
    };
    const counts = { ...known.counts };
    const upTo = { ...known.upTo };
    for (const table of ["iris_prediction", "iris_failure"] as const) {
      for (const step of countUpwards(database, table, filter, upTo[table])) {
        upTo[table] = step.upTo;
        for (const { name, count } of step.groups) counts[name] += count;
        await turn();
      }
    }
    return { counts, upTo };
  }
}

function* countUpwards(database: Database, table: ResultsTable, filter: ResultsFilter, from: number) {
  const condition = conditionFor(table, filter);
  if (condition === undefined || !hasTable(database, table)) return;
  const findHighest = database.prepare(
    `SELECT max(id) AS id FROM (SELECT id FROM ${table} WHERE id > ? ORDER BY id LIMIT ${LOOK_THROUGH})`,
  );
  const countGroups = database.prepare(
    `SELECT ${NAMES[table]} AS name, count(*) AS count FROM ${table}
     WHERE id > ? AND id <= ? AND ${condition.sql} GROUP BY name`,
  );
  for (let after = from; ; ) {
    const { id } = v.parse(idSchema, findHighest.get(after));
    if (id === null) return;
    yield { upTo: id, groups: v.parse(groupsSchema, countGroups.all(after, id, ...condition.values)) };
    after = id;
  }
}
