/** What is asked many times a second has to be found by an index, however many tasks the view holds. */
import { expect, test } from "vitest";
import type { Database } from "../../../common/sqlite.ts";
import { layOut, read, X } from "../../../tests/support/view_log.ts";
import { RecentResults } from "./recent.ts";

/** A database that tells how SQLite goes about each statement that is prepared on it. */
function explaining(database: Database): { database: Database; plans: string[] } {
  const plans: string[] = [];
  const prepare = (sql: string) => {
    // A number in place of each parameter: the plan does not depend on it.
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql.replaceAll("?", "1")}`).all();
    plans.push(...(steps as { detail: string }[]).map(({ detail }) => detail));
    return database.prepare(sql);
  };
  return { database: { prepare } as Pick<Database, "prepare"> as Database, plans };
}

test("the last results are found by their index", () => {
  const { database, plans } = explaining(
    read(
      layOut([
        { topic: "tasks", value: { task_id: "a", X } },
        { topic: "results", value: { task_id: "a", X, y: { iris_type: 1 } }, at: Date.now() },
      ]),
    ).database,
  );
  const recent = new RecentResults();
  recent.read(database);
  expect(recent.timeline.map(({ id }) => id)).toEqual(["a"]);
  expect(recent.lastOffset).toBe(0);
  expect(plans.length).toBe(2);
  for (const plan of plans) expect(plan).toMatch(/^SEARCH task USING (COVERING )?INDEX task_result/);
});
