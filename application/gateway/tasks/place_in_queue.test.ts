/** Where a task stands, and how long that may take. */
import { expect, test } from "vitest";
import type { LaneSeen, QueueSeen } from "../queue/queue_watch.ts";
import { placeInQueue } from "./place_in_queue.ts";

const AS_OF = "2026-03-01T12:00:00.000Z";

function seen(...lanes: Omit<LaneSeen, "partition">[]): QueueSeen {
  return {
    ...{ as_of: Date.parse(AS_OF), kafka: "up", hasHiddenWorkers: false },
    lanes: lanes.map((lane, partition) => ({ partition, ...lane })),
    ...{ workers: [], rebalances: [], persisters: { members: 0, waiting: 0 }, groups: [] },
  };
}
const place = (offset: number | null, queue: QueueSeen, secondsATask?: number) =>
  placeInQueue({ partition: 0, offset }, queue, secondsATask);

test("its position is how many stand between it and the committed offset", () => {
  const queue = seen({ committed: 10, end: 20 });
  expect(place(17, queue)).toEqual({ position: 7, as_of: AS_OF });
  expect(place(10, queue)).toEqual({ position: 0, as_of: AS_OF });
  // The commit was seen before its result.
  expect(place(9, queue)).toEqual({ position: 0, as_of: AS_OF });
});

test("nothing is said where Kafka has not told", () => {
  expect(place(17, seen())).toEqual({});
  expect(place(null, seen({ committed: 10, end: 20 }))).toEqual({});
  expect(placeInQueue({ partition: null, offset: null }, seen({ committed: 0, end: 1 }), 1)).toEqual({});
});

test("the time is that of all that its worker does before it: the partitions take turns", () => {
  const owner = "worker-1";
  // Two before it, and itself.
  expect(place(12, seen({ owner, committed: 10, end: 20 }), 0.5)).toMatchObject({ eta_seconds: 1.5 });
  const queue = seen(
    { owner, committed: 10, end: 20 },
    { owner, committed: 0, end: 100 }, // Three turns of it.
    { owner, committed: 5, end: 6 }, // All that it has: one.
    { owner, committed: 7, end: 7 },
    { owner: "worker-2", committed: 0, end: 100 },
    { committed: 0, end: 100 },
  );
  expect(place(12, queue, 0.5)).toMatchObject({ position: 2, eta_seconds: 3.5 });
  // The queue was seen before the task was accepted: it takes one turn at least.
  expect(place(20, seen({ owner, committed: 20, end: 20 }), 0.5)).toMatchObject({ eta_seconds: 0.5 });
});

test("no time is said while nobody owns its partition, or before anything was answered", () => {
  expect(place(12, seen({ committed: 10, end: 20 }), 0.5)).toEqual({ position: 2, as_of: AS_OF });
  expect(place(12, seen({ owner: "worker-1", committed: 10, end: 20 }))).toEqual({
    position: 2,
    as_of: AS_OF,
  });
});
