/** What the lanes show, from a view and from what Kafka told. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Message } from "../../../common/kafka/consume_plan.ts";
import { type Database, openDatabase } from "../../../common/sqlite.ts";
import { prepareRules, type Rules } from "../../view/apply.ts";
import { TABLES } from "../../view/schema.ts";
import { RecentResults } from "../live/recent.ts";
import { readLanes } from "./lanes.ts";
import type { QueueSeen } from "./queue_watch.ts";

const TOPICS = {
  tasks: "tasks",
  results: "results",
  deadLetters: "tasks-dlt",
  events: "events",
  keys: "keys",
};
const X = { sepal_length: 6, sepal_width: 3, petal_length: 4, petal_width: 1 };

let database: Database;
let rules: Rules;
let next: Record<string, number>;
beforeEach(() => {
  database = openDatabase(":memory:");
  database.exec(TABLES);
  rules = prepareRules(database, TOPICS);
  next = {};
});
afterEach(() => database.close());

function send(kind: "tasks" | "results" | "events", partition: number, value: object, time = 1000): number {
  const offset = next[`${kind} ${partition}`] ?? 0;
  next[`${kind} ${partition}`] = offset + 1;
  const text = Buffer.from(JSON.stringify(value));
  const message: Message = { partition, offset: `${offset}`, timestamp: `${time}`, key: null, value: text };
  rules.apply[kind](message);
  return offset;
}
const task = (partition: number, task_id: string, time?: number) =>
  send("tasks", partition, { task_id, X }, time);
const answer = (task_id: string, worker: string, time = 2000) =>
  send("results", 0, { task_id, X, y: { iris_type: 0 }, worker }, time);
const start = (task_id: string, worker: string, partition: number, offset: number, at = 1500) =>
  send("events", 0, { event: "STARTED", task_id, worker, partition, offset: `${offset}`, at });

/** By partition: its owner, and what Kafka says is committed and the end. */
function look(lanes: [owner: string | undefined, committed: number, end: number][], gone: string[] = []) {
  const seen = lanes.map(([owner, committed, end], partition) => ({
    ...{ partition, committed, end },
    ...(owner === undefined ? {} : { owner }),
  }));
  const positions = Object.fromEntries(
    seen.map(({ partition }) => [partition, next[`tasks ${partition}`] ?? 0]),
  );
  const recent = new RecentResults();
  recent.read(database, 2000);
  const here = lanes.flatMap(([owner]) => owner ?? []);
  const workers = [
    ...here.map((name) => ({ name, state: "here" })),
    ...gone.map((name) => ({ name, state: "gone" })),
  ];
  return readLanes(database, { lanes: seen, workers } as unknown as QueueSeen, positions, recent);
}

test("nobody owns it: all wait", () => {
  task(0, "aaaaaaaa-1", 1000);
  task(0, "bbbbbbbb-2", 1001);
  const { lanes, oldestOpenAt } = look([[undefined, 0, 2]]);
  expect(lanes).toEqual([
    { partition: 0, committed: 0, end: 2, waiting: 2, oldest_at: 1000, next: ["aaaaaaaa", "bbbbbbbb"] },
  ]);
  expect(oldestOpenAt).toBe(1000);
});

test("the announced one is in progress, also behind one that was not finished", () => {
  task(0, "a", 1000);
  task(0, "b", 1001);
  start("b", "w", 0, 1);
  const { lanes } = look([["w", 0, 2]]);
  expect(lanes[0]).toMatchObject({
    current: { id: "b", worker: "w", since: 1500, announced: true },
    waiting: 1,
    next: ["a"],
  });
});

test("one that a worker had begun that is gone waits again", () => {
  task(0, "a", 1000);
  start("a", "w", 0, 0);
  expect(look([[undefined, 0, 1]], ["w"]).lanes[0]).toMatchObject({ waiting: 1, next: ["a"] });
  expect(look([[undefined, 0, 1]], ["w"]).lanes[0]).not.toHaveProperty("current");
});

test("a worker that announces nothing works on one task, of the partition whose turn was longest ago", () => {
  for (const [partition, id] of ["a", "b", "c"].entries()) task(partition, id, 1000);
  for (const [partition, id] of ["d", "e", "f"].entries()) task(partition, id, 1001);
  answer("a", "w", 1700);
  answer("c", "w", 1800);
  answer("b", "w", 1900);
  const { lanes } = look([
    ["w", 1, 2],
    ["w", 1, 2],
    ["w", 1, 2],
  ]);
  expect(lanes.map(({ current }) => current)).toEqual([
    { id: "d", worker: "w", since: 1900, announced: false },
    undefined,
    undefined,
  ]);
  expect(lanes.map(({ waiting }) => waiting)).toEqual([0, 1, 1]);
});

test("what is answered and not committed yet does not wait, nor what is committed and not known", () => {
  for (const id of ["a", "b", "c", "d"]) task(0, id);
  answer("c", "w");
  const { lanes } = look([[undefined, 1, 4]]);
  expect(lanes[0]).toMatchObject({ waiting: 2, next: ["b", "d"] });
});

test("what Kafka has and the view has not read yet waits, too", () => {
  task(0, "a");
  expect(look([[undefined, 0, 5]]).lanes[0]).toMatchObject({ waiting: 5, end: 5, next: ["a"] });
  // The view may have read what came after Kafka was asked.
  expect(look([[undefined, 0, 0]]).lanes[0]).toMatchObject({ waiting: 1, end: 1 });
});

test("of a long lane the first 41 are named, all are counted", () => {
  for (let index = 0; index < 100; index += 1) task(0, `${1000 + index}`);
  const [lane] = look([["w", 0, 100]]).lanes;
  expect(lane?.current?.id).toBe("1000");
  expect(lane?.next).toEqual(Array.from({ length: 41 }, (_, index) => `${1001 + index}`));
  expect(lane?.waiting).toBe(99);
});

test("a task without an id is named by its place", () => {
  for (let index = 0; index < 12; index += 1) send("tasks", 0, X);
  expect(look([[undefined, 10, 12]]).lanes[0]?.next).toEqual(["0@10", "0@11"]);
});
