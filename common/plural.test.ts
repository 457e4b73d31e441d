import { expect, test } from "vitest";
import { plural } from "./plural.ts";

test("a noun is singular after 1 alone", () => {
  expect([0, 1, 2, 1000].map((count) => plural(count, "task"))).toEqual([
    "0 tasks",
    "1 task",
    "2 tasks",
    "1000 tasks",
  ]);
  expect([1, 2].map((count) => plural(count, "query", "queries"))).toEqual(["1 query", "2 queries"]);
});
