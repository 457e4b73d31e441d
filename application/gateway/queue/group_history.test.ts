/** What a look at the group, and news of processes, make of what was seen before. */
import { expect, test } from "vitest";
import type { Membership } from "./ask_kafka.ts";
import { GroupHistory } from "./group_history.ts";

const PARTITIONS = [0, 1, 2, 3];

/** `stable({a: [0, 1]})`: a group in which the worker "a" owns these. */
function stable(owned: Record<string, number[]>, run = "1"): Membership {
  const members = Object.entries(owned).map(([name, partitions]) => ({
    id: `${name}-${run}`,
    name,
    partitions,
  }));
  return { state: members.length === 0 ? "Empty" : "Stable", members, hasHiddenMembers: false };
}
const dealing = (...names: string[]): Membership => ({
  ...stable(Object.fromEntries(names.map((name) => [name, []]))),
  state: "PreparingRebalance",
});
const ownersOf = (history: GroupHistory) => [...history.owners.values()];

test("nobody is there, then one comes: the partitions had no owner since the first look", () => {
  const history = new GroupHistory();
  history.see(1000, stable({}), PARTITIONS);
  expect(history.rebalances).toEqual([]);
  expect(history.unownedSince(3)).toBe(1000);
  history.see(4000, dealing("a"), PARTITIONS);
  expect(history.unownedSince(3)).toBe(1000);
  history.see(4250, stable({ a: PARTITIONS }), PARTITIONS);
  expect(history.unownedSince(3)).toBeUndefined();
  expect(ownersOf(history)).toEqual(["a", "a", "a", "a"]);
  expect(history.rebalances).toEqual([
    { at: 4000, ended_at: 4250, cause: "a has come", partitions: PARTITIONS },
  ]);
});

test("a second one takes its share", () => {
  const history = new GroupHistory();
  history.see(0, stable({ a: PARTITIONS }), PARTITIONS);
  history.see(250, stable({ a: [0, 2], b: [1, 3] }), PARTITIONS);
  expect(history.rebalances).toEqual([{ at: 250, ended_at: 250, cause: "b has come", partitions: [1, 3] }]);
});

test("one is killed by the application: known at once, though Kafka lists it until its session ends", () => {
  const history = new GroupHistory();
  history.tell(0, { name: "b", pid: 4720, state: "started" });
  history.see(100, stable({ a: [0, 2], b: [1, 3] }), PARTITIONS);
  history.tell(1000, { name: "b", pid: 4720, state: "killed" });
  expect(ownersOf(history)).toEqual(["a", undefined, "a", undefined]);
  expect(history.workers()).toEqual([
    { name: "a", partitions: [0, 2], state: "here" },
    { name: "b", partitions: [1, 3], state: "gone", pid: 4720, gone_at: 1000, session_ends_at: 7000 },
  ]);
  history.see(1100, stable({ a: [0, 2], b: [1, 3] }), PARTITIONS);
  expect(ownersOf(history)).toEqual(["a", undefined, "a", undefined]);
  expect(history.rebalances).toEqual([{ at: 1000, cause: "b is gone", partitions: [1, 3] }]);
  history.see(7000, dealing("a"), PARTITIONS);
  history.see(7250, stable({ a: PARTITIONS }), PARTITIONS);
  expect(history.rebalances).toEqual([{ at: 1000, ended_at: 7250, cause: "b is gone", partitions: [1, 3] }]);
  expect(history.workers()[1]).toEqual({
    name: "b",
    partitions: [1, 3],
    state: "gone",
    pid: 4720,
    gone_at: 1000,
  });
  history.see(70_000, stable({ a: PARTITIONS }), PARTITIONS);
  expect(history.workers().map(({ name }) => name)).toEqual(["a"]);
});

test("one that nobody told of is gone when Kafka lists it no more", () => {
  const history = new GroupHistory();
  history.see(0, stable({ a: [0, 2], b: [1, 3] }), PARTITIONS);
  history.see(6000, dealing("a"), PARTITIONS);
  expect(history.workers()[1]).toEqual({ name: "b", partitions: [1, 3], state: "gone", gone_at: 6000 });
  history.see(6250, stable({ a: PARTITIONS }), PARTITIONS);
  expect(history.rebalances).toEqual([{ at: 6000, ended_at: 6250, cause: "b is gone", partitions: [1, 3] }]);
});

test("a killed one that is started again under its name waits for its old session, and is one worker", () => {
  const history = new GroupHistory();
  history.see(0, stable({ a: PARTITIONS }), PARTITIONS);
  history.tell(1000, { name: "a", pid: 1, state: "killed" });
  history.tell(1500, { name: "a", pid: 2, state: "started" });
  const both = [...dealing("a").members, { id: "a-2", name: "a", partitions: [] }];
  history.see(2000, { ...dealing(), members: both }, PARTITIONS);
  expect(history.workers()).toEqual([{ name: "a", partitions: [], state: "here", pid: 2 }]);
  expect(ownersOf(history)).toEqual([undefined, undefined, undefined, undefined]);
  expect(history.unownedSince(0)).toBe(1000);
  history.see(7250, stable({ a: PARTITIONS }, "2"), PARTITIONS);
  expect(history.rebalances).toEqual([
    { at: 1000, cause: "a is gone", partitions: PARTITIONS, ended_at: 7250 },
    { at: 2000, cause: "a has come", partitions: PARTITIONS, ended_at: 7250 },
  ]);
});

test("the last one is gone; another comes much later", () => {
  const history = new GroupHistory();
  history.see(0, stable({ a: PARTITIONS }), PARTITIONS);
  history.see(1000, stable({}), PARTITIONS);
  history.see(9000, stable({ b: PARTITIONS }), PARTITIONS);
  expect(history.rebalances).toEqual([
    { at: 1000, ended_at: 9000, cause: "a is gone", partitions: PARTITIONS },
    { at: 9000, ended_at: 9000, cause: "b has come", partitions: PARTITIONS },
  ]);
});

test("partitions are raised: the new ones wait until the group knows of them", () => {
  const history = new GroupHistory();
  history.see(0, stable({ a: [0] }), [0]);
  history.see(1000, stable({ a: [0] }), PARTITIONS);
  expect(history.unownedSince(3)).toBe(1000);
  history.see(3000, stable({ a: PARTITIONS }), PARTITIONS);
  expect(history.rebalances).toEqual([
    { at: 1000, ended_at: 3000, cause: "partitions were raised to 4", partitions: [1, 2, 3] },
  ]);
});

test("what happens in one rebalance is one cause", () => {
  const history = new GroupHistory();
  history.see(0, stable({ a: [0, 1], b: [2, 3] }), PARTITIONS);
  history.see(250, { ...dealing("a", "b"), state: "PreparingRebalance" }, PARTITIONS);
  expect(history.rebalances[0]?.cause).toBe("the group deals out its partitions");
  history.see(500, dealing("a", "c"), PARTITIONS);
  history.see(750, stable({ a: [0, 1], c: [2, 3] }), PARTITIONS);
  expect(history.rebalances).toEqual([
    { at: 250, ended_at: 750, cause: "b is gone, c has come", partitions: [2, 3] },
  ]);
});

test("of members that Kafka does not list nothing is claimed", () => {
  const history = new GroupHistory();
  history.see(0, { state: "Dead", members: [], hasHiddenMembers: true }, PARTITIONS);
  history.see(250, { state: "Dead", members: [], hasHiddenMembers: true }, PARTITIONS);
  expect(history.unownedSince(0)).toBeUndefined();
  expect(history.rebalances).toEqual([]);
});

test("one that somebody starts by hand under the name of one that was stopped is another worker", () => {
  const history = new GroupHistory();
  history.tell(0, { name: "b", pid: 1, state: "started" });
  history.see(100, stable({ a: [0, 2], b: [1, 3] }), PARTITIONS);
  history.tell(1000, { name: "b", pid: 1, state: "ended" });
  history.see(2000, stable({ a: PARTITIONS }), PARTITIONS);
  history.see(3_600_000, stable({ a: [0, 2], b: [1, 3] }, "2"), PARTITIONS);
  expect(ownersOf(history)).toEqual(["a", "b", "a", "b"]);
  expect(history.workers().map(({ name, state }) => `${name} ${state}`)).toEqual(["a here", "b here"]);
});

test("one that joined just before its end is known to be dead; who is listed for longer is alive", () => {
  const history = new GroupHistory();
  history.see(0, stable({ a: PARTITIONS }), PARTITIONS);
  history.tell(1000, { name: "b", pid: 1, state: "killed" });
  history.see(1200, stable({ a: [0, 2], b: [1, 3] }), PARTITIONS);
  expect(ownersOf(history)).toEqual(["a", undefined, "a", undefined]);
  history.see(14_000, stable({ a: [0, 2], b: [1, 3] }), PARTITIONS);
  expect(ownersOf(history)).toEqual(["a", "b", "a", "b"]);
});
