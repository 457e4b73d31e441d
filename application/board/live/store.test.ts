import { expect, test } from "vitest";
import type { Block, Change, QueueState } from "../../gateway/live/wire.ts";
import { EMPTY, KEEP_MS, reduce } from "./store.js";

const NOW = 1_000_000;
const block = (id: string, ended_at: number): Block => ({ id, outcome: "setosa", ended_at });
const ended = (id: string, at: number): Change => ({ kind: "ended", at, ...block(id, at) });
const queue = (as_of: number, waiting: number): QueueState => ({
  as_of,
  kafka: "up",
  brokers: "localhost:9092",
  behind: 0,
  session_seconds: 6,
  lanes: [],
  workers: [],
  totals: {
    waiting,
    in_progress: 0,
    accepted: 0,
    answered: 0,
    failed: 0,
    cancelled: 0,
    dead_letters: 0,
    per_second: 0,
  },
  rebalances: [],
  persisters: { members: 0, waiting: 0 },
});

test("what ended is appended to the last minute, and leaves it after a minute", () => {
  const first = reduce(
    EMPTY,
    { name: "state", data: { queue: queue(NOW, 0), timeline: [block("a", NOW - 10)] } },
    NOW,
  );
  const changes = [ended("b", NOW), { kind: "cancel_requested" as const, id: "c", at: NOW }];
  const second = reduce(first, { name: "changes", data: { changes } }, NOW);
  expect(second.timeline.map(({ id }) => id)).toEqual(["a", "b"]);
  const later = NOW + KEEP_MS - 5;
  const third = reduce(second, { name: "changes", data: { changes: [ended("d", later)] } }, later);
  expect(third.timeline.map(({ id }) => id)).toEqual(["b", "d"]);
  expect(first.timeline.map(({ id }) => id)).toEqual(["a"]);
});

test("however much happens, a bounded number of blocks is kept", () => {
  let board = EMPTY;
  for (let batch = 0; batch < 10; batch += 1) {
    const changes = Array.from({ length: 1000 }, (_, n) => ended(`${batch}-${n}`, NOW));
    board = reduce(board, { name: "changes", data: { changes } }, NOW);
  }
  expect(board.timeline).toHaveLength(4000);
  expect(board.timeline.at(-1)?.id).toBe("9-999");
});

test("a resync replaces what was known, and keeps the curve of what waited", () => {
  let board = reduce(EMPTY, { name: "queue", data: queue(NOW, 5) }, NOW);
  const timeline = [block("z", NOW + 2000)];
  board = reduce(board, { name: "resync", data: { queue: queue(NOW + 2000, 3), timeline } }, NOW + 2000);
  expect(board.timeline).toBe(timeline);
  expect(board.samples.map(({ waiting }) => waiting)).toEqual([5, 3]);
});

test("one sample a second, of one minute", () => {
  let board = EMPTY;
  for (let ms = 0; ms < 200_000; ms += 100)
    board = reduce(board, { name: "queue", data: queue(NOW + ms, ms) }, NOW + ms);
  expect(board.samples.length).toBeGreaterThan(60);
  expect(board.samples.length).toBeLessThan(70);
  const [a = { at: 0 }, b = { at: 0 }] = board.samples;
  expect(b.at - a.at).toBe(1000);
});

test("a clock that differs is taken into account; the way of a message is not a difference", () => {
  const near = reduce(EMPTY, { name: "queue", data: queue(NOW - 900, 0) }, NOW);
  expect(near.skew).toBe(0);
  const far = reduce(EMPTY, { name: "queue", data: queue(NOW - 60_300, 0) }, NOW);
  expect(far.skew).toBe(60_300);
  expect(reduce(far, { name: "queue", data: queue(NOW - 60_000, 0) }, NOW + 100).skew).toBe(60_100);
  const away = { ...queue(0, 0), kafka: "away" as const };
  expect(reduce(far, { name: "queue", data: away }, NOW + 500).skew).toBe(60_300);
});

test("the link remembers since when it is as it is", () => {
  const lost = reduce(EMPTY, { name: "link", link: "lost" }, NOW);
  expect(reduce(lost, { name: "link", link: "lost" }, NOW + 5000)).toBe(lost);
  expect(reduce(lost, { name: "link", link: "live" }, NOW + 5000).linkSince).toBe(NOW + 5000);
});
