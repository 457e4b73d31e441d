/** What is no longer kept goes a little at a time; what it counts for in the totals stays. */
import { expect, test } from "vitest";
import type { Database } from "../../common/sqlite.ts";
import { dump, layOut, newView, read, type Sent, X } from "../../tests/support/view_log.ts";
import { CLAIM_MS } from "../claims_wire.ts";
import type { Rules } from "./apply.ts";
import { forgetSome } from "./forget.ts";
import { TOMBSTONE_MS } from "./forgotten.ts";
import { findTask, isForgotten } from "./queries.ts";
import type { TopicEnds } from "./topic_ends.ts";

const HOUR_MS = 3_600_000;
const KEEP_MS = 24 * HOUR_MS;
const NO_ENDS: TopicEnds = new Map();

interface OpenedView {
  database: Database;
  rules: Rules;
}

function forgetAll({ database, rules }: OpenedView, now: number, ends = NO_ENDS): number {
  let steps = 1;
  while (forgetSome(database, rules, ends, now)) steps += 1;
  return steps;
}

/** Tasks that were answered, one a second from `at` on. */
function answered(count: number, at: number, prefix = "t"): Sent[] {
  return Array.from({ length: count }, (_, index): Sent[] => {
    const task_id = `${prefix}${index}`;
    const time = at + index * 1000;
    return [
      { topic: "tasks", value: { task_id, X }, at: time },
      { topic: "events", value: { event: "CANCEL_REQUESTED", task_id, at: time }, at: time },
      { topic: "results", value: { task_id, X, y: { iris_type: 1 }, duration_ms: 5 }, at: time + 10 },
      { topic: "results", value: { task_id, X, y: { iris_type: 1 } }, at: time + 20 },
    ];
  }).flat();
}

const idsOf = ({ database }: OpenedView) => dump(database).tasks.map(({ id }) => id);

test("finished tasks are forgotten after their time, open ones and the totals stay", () => {
  const now = Date.now();
  const view = read(
    layOut([
      ...answered(500, now - KEEP_MS + HOUR_MS),
      { topic: "tasks", value: { task_id: "open", X }, at: now - KEEP_MS },
      { topic: "tasks", value: "?", partition: 1, at: now - KEEP_MS },
      {
        topic: "deadLetters",
        value: "?",
        at: now - KEEP_MS + HOUR_MS,
        headers: { "original-topic": "tasks", "original-partition": "1", "original-offset": "0" },
      },
    ]),
    undefined,
    KEEP_MS,
  );
  const { totals } = dump(view.database);
  expect(forgetAll(view, now)).toBe(1);
  expect(idsOf(view)).toHaveLength(502);

  const later = now + HOUR_MS + 100_010;
  expect(forgetAll(view, later)).toBe(1);
  // The one that ended at exactly that time, those before it, and the dead letter's.
  expect(idsOf(view)).toHaveLength(502 - 102);
  expect(isForgotten(view.database, "t100")).toBe(true);
  expect(findTask(view.database, "t101")).toBeDefined();
  expect(isForgotten(view.database, "1@0")).toBe(true);

  expect(forgetAll(view, later + KEEP_MS)).toBeGreaterThan(1);
  const { tasks, events, late, figures } = dump(view.database);
  expect(tasks.map(({ id }) => id)).toEqual(["open"]);
  expect({ events, late, figures }).toEqual({ events: [], late: [], figures: [] });
  expect(dump(view.database).totals).toEqual(totals);

  forgetAll(view, later + KEEP_MS + TOMBSTONE_MS);
  expect(view.database.prepare("SELECT count(*) AS count FROM forgotten").get()).toMatchObject({ count: 0 });
});

test("what comes for a forgotten task makes no new one", () => {
  const now = Date.now();
  const sent = answered(1, now);
  const view = read(layOut(sent), undefined, KEEP_MS);
  forgetAll(view, now + 2 * KEEP_MS);
  const again = layOut([...sent, ...sent]);
  const { totals } = dump(view.database);
  for (const [name, lane] of again)
    for (const message of lane.slice(lane.length / 2))
      view.rules.apply[name.split(" ")[0] as "tasks"](message);
  view.rules.figures.write();
  expect(dump(view.database)).toMatchObject({ tasks: [], events: [], late: [], totals });
});

test("a log of many days is read without keeping what is old: the totals are the same", () => {
  const now = Date.now();
  const sent = [
    ...answered(20, now - 40 * 24 * HOUR_MS, "ancient"),
    ...answered(20, now - 3 * 24 * HOUR_MS, "old"),
    ...answered(5, now, "new"),
  ];
  const kept = read(layOut(sent), undefined, 1000 * 24 * HOUR_MS);
  const orders = {
    "tasks first": ["tasks", "results", "events"],
    "results first": ["results", "events", "tasks"],
  };
  for (const order of Object.values(orders)) {
    const lanes = layOut(sent);
    const sorted = new Map(order.map((topic) => [`${topic} 0`, lanes.get(`${topic} 0`) ?? []]));
    const view = read(sorted, undefined, KEEP_MS);
    expect(idsOf(view)).toEqual(Array.from({ length: 5 }, (_, index) => `new${index}`));
    expect(dump(view.database).totals).toEqual(dump(kept.database).totals);
    forgetAll(view, now);
    // Those of forty days ago have not even a tombstone any more.
    expect([isForgotten(view.database, "old7"), isForgotten(view.database, "ancient7")]).toEqual([
      true,
      false,
    ]);
  }
});

test("tasks that Kafka has deleted unanswered are given up, and so are its dead letters", () => {
  const now = Date.now();
  const old = now - KEEP_MS;
  const view = read(
    layOut([
      ...["a", "b", "c"].map((task_id): Sent => ({ topic: "tasks", value: { task_id, X }, at: old })),
      { topic: "tasks", value: { task_id: "new", X }, at: now },
      ...["x", "y"].map((value): Sent => ({ topic: "deadLetters", value })),
    ]),
    undefined,
    KEEP_MS,
  );
  const ends: TopicEnds = new Map([
    ["tasks", new Map([[0, { low: 2, end: 4 }]])],
    ["deadLetters", new Map([[0, { low: 1, end: 2 }]])],
  ]);
  forgetAll(view, now, ends);
  expect(idsOf(view)).toEqual(["c", "new"]);
  expect(isForgotten(view.database, "a")).toBe(true);
  expect(dump(view.database).letters).toMatchObject([{ offset: 1 }]);
});

test("claims go when they count no more, events whose task never came with the tasks of their time", () => {
  const now = Date.now();
  const view = newView(KEEP_MS);
  const lanes = layOut([
    { topic: "keys", key: "k", value: { id: "a", hash: "h" }, at: now },
    { topic: "events", value: { event: "CANCEL_REQUESTED", task_id: "nobody", at: now } },
  ]);
  for (const [name, lane] of lanes)
    for (const message of lane) view.rules.apply[name.split(" ")[0] as "keys"](message);
  forgetAll(view, now + CLAIM_MS - 1);
  expect(dump(view.database)).toMatchObject({ keys: [{ key: "k" }], events: [{ id: "nobody" }] });
  forgetAll(view, now + CLAIM_MS + HOUR_MS);
  expect(dump(view.database)).toMatchObject({ keys: [], events: [] });
});

test("a result of a clock that is ahead is forgotten in its time, and so is what came behind it", () => {
  const now = Date.now();
  const sent = answered(3, now - HOUR_MS);
  const [, , result] = sent;
  if (result !== undefined) result.at = now + 3650 * 24 * HOUR_MS;
  const view = read(layOut(sent), undefined, KEEP_MS);
  expect(findTask(view.database, "t0")?.ended_at).toBeLessThanOrEqual(Date.now());
  forgetAll(view, now + KEEP_MS + HOUR_MS);
  expect(idsOf(view)).toEqual([]);
});

test("an event of a task that never came is forgotten, and is not waited for any more", () => {
  const now = Date.now();
  const event = { event: "CANCEL_REQUESTED", task_id: "never", at: now - KEEP_MS - HOUR_MS };
  const view = read(layOut([{ topic: "events", value: event, at: event.at }]), undefined, KEEP_MS);
  expect(dump(view.database).events).toHaveLength(1);
  expect(view.rules.early.size).toBe(1);
  forgetAll(view, now);
  expect(dump(view.database).events).toEqual([]);
  expect(view.rules.early.size).toBe(0);
});
