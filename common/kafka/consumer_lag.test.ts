import { expect, test } from "vitest";
import { computeLag } from "./consumer_lag.ts";

test("what waits lies between the committed offset and the end", () => {
  const ends = [
    { partition: 2, low: "0", high: "10" },
    { partition: 0, low: "0", high: "7" },
    { partition: 1, low: "5", high: "9" },
    { partition: 3, low: "4", high: "4" },
  ];
  const committed = [
    { partition: 0, offset: "7" },
    { partition: 1, offset: "3" }, // Those from 3 to 4 are gone.
    { partition: 2, offset: "-1" }, // Nothing is committed yet.
  ];
  expect(computeLag(ends, committed)).toEqual([
    { partition: 0, next: 7, end: 7, waiting: 0 },
    { partition: 1, next: 5, end: 9, waiting: 4 },
    { partition: 2, next: 0, end: 10, waiting: 10 },
    { partition: 3, next: 4, end: 4, waiting: 0 },
  ]);
});

test("a topic that was made anew has fewer messages than were committed: nothing waits", () => {
  expect(computeLag([{ partition: 0, low: "0", high: "2" }], [{ partition: 0, offset: "5" }])).toEqual([
    { partition: 0, next: 5, end: 2, waiting: 0 },
  ]);
});
