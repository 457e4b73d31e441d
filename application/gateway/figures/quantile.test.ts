import { expect, test } from "vitest";
import { DURATION_BOUNDS } from "../../view/schema.ts";
import { spreadOf, sumCounts } from "./quantile.ts";

/** So many counts in the bucket that ends at this bound. */
const at = (counts: Record<string, number>) =>
  [...DURATION_BOUNDS.map(String), "more"].map((bound) => counts[bound] ?? 0);

test("values are taken as spread evenly within their bucket, as Prometheus does", () => {
  expect(spreadOf(at({ 1: 100 }))).toEqual({ p50: 0.75, p95: 0.975 });
  expect(spreadOf(at({ 1: 50, 5: 50 }))).toEqual({ p50: 1, p95: 2.5 + 2.5 * 0.9 });
});

test("of nothing there is no quantile, and above the last bound it is that bound", () => {
  expect(spreadOf(at({}))).toBeUndefined();
  expect(spreadOf(at({ more: 3 }))).toEqual({ p50: 3600, p95: 3600 });
});

test("counts add up by bucket", () => {
  expect(sumCounts([at({ 1: 2, more: 1 }), at({ 1: 3 })])).toEqual(at({ 1: 5, more: 1 }));
  expect(sumCounts([])).toEqual(at({}));
});
