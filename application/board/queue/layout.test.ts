/** What the first view computes before it draws. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Block, QueueState, WorkerState } from "../../gateway/live/wire.ts";
import { pickLanes } from "./pick_lanes.js";
import { pickWorkers } from "./pick_workers.js";
import { inWords, layLines, layRows, placeWords, rowNames } from "./timeline_layout.js";
import { expectedMs, layTrack } from "./track_layout.js";
import { curveOf, trendOf } from "./trend.js";
import { assignLooks, patternOf, shapeOf } from "./worker_looks.js";

const SIZES = { chip: 40, pair: 12, more: 50 };
const NOW = 1_000_000;

test("a lane with room shows each task with its id", () => {
  expect(layTrack(400, 10, SIZES)).toEqual({ chips: 10, squares: 0, more: 0 });
});

test("without room the oldest keep their ids, the next are squares", () => {
  expect(layTrack(400, 20, SIZES)).toEqual({ chips: 8, squares: 12, more: 0 });
});

test("above 40 the rest is a number", () => {
  expect(layTrack(400, 1000, SIZES)).toEqual({ chips: 3, squares: 37, more: 960 });
  expect(layTrack(0, 1000, SIZES)).toEqual({ chips: 0, squares: 0, more: 1000 });
});

test("whatever the width, every waiting task is in one of the three, and what is drawn has room", () => {
  const width = fc.integer({ min: 0, max: 3000 });
  fc.assert(
    fc.property(width, fc.integer({ min: 0, max: 20_000 }), (room, waiting) => {
      const { chips, squares, more } = layTrack(room, waiting, SIZES);
      expect(chips + squares + more).toBe(waiting);
      expect(Math.min(chips, squares, more)).toBeGreaterThanOrEqual(0);
      expect(chips + squares).toBeLessThanOrEqual(40);
      const taken = chips * SIZES.chip + Math.ceil(squares / 2) * SIZES.pair;
      expect(taken).toBeLessThanOrEqual(Math.max(0, room));
    }),
  );
});

test("of many partitions those are shown in which something happens", () => {
  const lane = (partition: number, waiting: number, owner?: string) => ({
    partition,
    committed: 0,
    end: 0,
    waiting,
    next: [],
    ...(owner !== undefined && { owner }),
  });
  const lanes = [lane(0, 0, "a"), lane(1, 5, "a"), lane(2, 0), lane(3, 7, "a"), lane(4, 2, "a")];
  expect(pickLanes(lanes, 5)).toEqual({ shown: lanes, rest: 0, waiting: 0 });
  const { shown, rest, waiting } = pickLanes(lanes, 3);
  expect([shown.map(({ partition }) => partition), rest, waiting]).toEqual([[1, 2, 3], 2, 2]);
});

test("a block is full after the median of the last tasks", () => {
  const block = (duration_ms?: number): Block => ({
    id: "a",
    outcome: "setosa",
    ended_at: NOW,
    ...(duration_ms !== undefined && { duration_ms }),
  });
  expect(expectedMs([])).toBe(1000);
  expect(expectedMs([block(1), block(), block(5000), block(900)])).toBe(900);
});

const queue = (lanes: Partial<QueueState["lanes"][number]>[], workers: string[]) =>
  ({ lanes, workers: workers.map((name) => ({ name })) }) as QueueState;

test("a row a worker, in the order of their numbers, those of the last minute too", () => {
  const blocks = [
    { id: "a", outcome: "setosa", worker: "worker-10", ended_at: NOW - 1000 },
    { id: "b", outcome: "setosa", worker: "worker-3", ended_at: NOW - 61_000 },
  ] as const;
  expect(rowNames(blocks, queue([], ["worker-2", "worker-1"]), NOW, 12)).toEqual({
    names: ["worker-1", "worker-2", "worker-10"],
    rest: 0,
  });
});

test("of many workers those that are gone are shown, and it is said how many are not", () => {
  const workers = Array.from({ length: 20 }, (_, n): WorkerState => {
    const state = n < 18 ? ({ state: "idle" } as const) : ({ state: "gone", gone_at: NOW - n } as const);
    return { name: `worker-${n + 1}`, partitions: [], done: 0, per_second: 0, ...state };
  });
  const left: Block = { id: "a", outcome: "setosa", worker: "another", ended_at: NOW - 1000 };
  const { names, rest } = rowNames([left], { lanes: [], workers } as unknown as QueueState, NOW, 12);
  expect([names.slice(-2), names.length, rest]).toEqual([["worker-19", "worker-20"], 11, 10]);

  const picked = pickWorkers(workers, 8);
  expect([picked.shown.map(({ name }) => name).slice(-3), picked.rest]).toEqual([
    ["worker-6", "worker-19", "worker-20"],
    12,
  ]);
  expect(pickWorkers(workers, 1).shown.map(({ name }) => name)).toEqual(["worker-19"]);
  expect(pickWorkers(workers, 20)).toEqual({ shown: workers, rest: 0 });
});

test("blocks lie where they were on the axis, the running one reaches until now", () => {
  const done: Block = {
    id: "a",
    outcome: "virginica",
    worker: "w",
    started_at: NOW - 30_000,
    duration_ms: 15_000,
    ended_at: NOW - 14_000,
  };
  const current = { id: "b", worker: "w", since: NOW - 6000, announced: true };
  const [row] = layRows(["w"], [done], queue([{ current }], ["w"]), NOW, 600);
  expect(row?.rects).toEqual([
    { x: 300, width: 150, outcome: "virginica", id: "a" },
    { x: 540, width: 60, outcome: "running", id: "b" },
  ]);
});

test("blocks that share a pixel are drawn once: a row has no more than its width has pixels, twice", () => {
  const blocks = Array.from({ length: 20_000 }, (_, n): Block => {
    const started_at = NOW - 60_000 + n * 3;
    return { id: `${n}`, outcome: "setosa", worker: "w", started_at, duration_ms: 2, ended_at: started_at };
  });
  const [row] = layRows(["w"], blocks, queue([], ["w"]), NOW, 600);
  expect(row?.rects.length).toBeLessThanOrEqual(1200);
});

test("a rebalance in words", () => {
  const rebalance = {
    at: NOW - 7000,
    ended_at: NOW - 900,
    cause: "worker-2 is gone",
    partitions: [1, 4, 7, 10],
  };
  expect(inWords(rebalance, NOW)).toBe("worker-2 is gone: partitions 1, 4, 7, 10 waited 6.1 s");
  const open = { at: NOW - 7000, cause: "worker-2 is gone", partitions: [1] };
  expect(inWords(open, NOW)).toBe("worker-2 is gone: partition 1 waits 7.0 s");
  const quick = { at: NOW - 50, ended_at: NOW, cause: "worker-4 has come", partitions: [1, 2] };
  expect(inWords(quick, NOW)).toBe("worker-4 has come");
  const cause = "a has come, b has come, c has come, d is gone";
  expect(inWords({ ...rebalance, cause }, NOW)).toBe(
    "d is gone, a has come and 2 more: partitions 1, 4, 7, 10 waited 6.1 s",
  );
  expect(layLines([rebalance], NOW, 600)[0]).toMatchObject({ x: 530, until: 591 });
});

test("words of neighbouring lines do not lie on each other, and stay in the picture", () => {
  const lines = [
    { x: 100, until: 160 },
    { x: 130, until: 132 },
    { x: 140, until: 141 },
    { x: 560, until: 561 },
  ].map((line) => ({ ...line, words: "x".repeat(20), short: "" }));
  // The longest wait has the first choice, and the shortest of three neighbours has no room.
  const placed = placeWords(lines, (words) => words.length * 5, 600, 2);
  expect(placed.map(({ line, x, row }) => [line, x, row])).toEqual([
    [100, 104, 0],
    [130, 134, 1],
    [560, 456, 0],
  ]);
  // On a phone.
  const line = { x: 60, until: 90, words: "b is gone: partition 1 waited 2.0 s", short: "b is gone" };
  const say = (width: number) => placeWords([line], (words) => words.length * 5, width, 2)[0]?.words;
  expect([200, 100, 30].map(say)).toEqual([line.words, line.short, "b is …"]);
});

const samples = (...waiting: number[]) => waiting.map((many, n) => ({ at: NOW + n * 1000, waiting: many }));

test("the trend tells whether it gets better", () => {
  const say = (waiting: number[], in_progress = 3) =>
    trendOf(samples(...waiting), { waiting: waiting.at(-1) ?? 0, in_progress });
  expect(say([]).words).toBe("");
  expect(say([5, 5, 5, 5]).words).toBe("steady");
  expect(say([5, 6, 5, 6, 5]).words).toBe("steady");
  expect(say([0, 0, 0, 0], 0).words).toBe("");
  expect(say([10, 13, 16, 19])).toEqual({ way: "up", words: "3.0 more each second" });
  expect(say([40, 30, 20])).toEqual({ way: "down", words: "empty in about 2.0 s" });
});

test("what follows a burst is the trend, not the burst", () => {
  const say = (...waiting: number[]) =>
    trendOf(samples(...waiting), { waiting: waiting.at(-1) ?? 0, in_progress: 3 }).words;
  expect([say(0, 0, 0, 24), say(0, 0, 0, 24, 21)]).toEqual(["", ""]);
  expect(say(0, 0, 0, 24, 21, 18)).toBe("empty in about 6.0 s");
  expect(say(0, 24, 24, 24)).toBe("steady");
  // The sender stops: the queue has turned, though it is longer than it was.
  expect(say(0, 3, 6, 9, 6, 3)).toBe("");
});

test("nothing is done while something is in progress", () => {
  const say = (in_progress: number) => trendOf(samples(40, 20, 0), { waiting: 0, in_progress }).words;
  expect([say(3), say(0)]).toEqual(["", "done"]);
});

test("the curve of the last minute has no dash that stands alone", () => {
  expect(curveOf(samples(0, 10), NOW + 1000, 2000)).toBe("0.5000,1.0000 1.0000,0.0000");
  expect(curveOf(samples(0, 10), NOW + 1000, 60_000)).toBe("");
});

test("56 workers look different, a worker looks the same in every browser and as long as it is there", () => {
  const names = Array.from({ length: 56 }, (_, n) => `worker-${n + 1}`);
  const looks = assignLooks(names);
  const pairs = [...looks.values()].map((look) => `${shapeOf(look)} ${patternOf(look)}`);
  expect(new Set(pairs).size).toBe(56);
  expect(assignLooks(["worker-2", "worker-1"]).get("worker-1")).toBe(looks.get("worker-1"));
  // Another with the same number takes the next look that is free.
  const both = assignLooks(["a-1", "b-1"]);
  expect([both.get("a-1"), both.get("b-1")]).toEqual([0, 1]);
  expect(assignLooks(["a-1", "b-1"], new Map([["b-1", 0]])).get("b-1")).toBe(0);
});
