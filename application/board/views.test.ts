/** What the other views compute before they draw. */
import { expect, test } from "vitest";
import { bytesOf, toBody, toEdit } from "./dead_letters/bytes.js";
import { layChart, roundUp } from "./figures/chart_layout.js";
import { KINDS } from "./figures/kinds.js";
import { spread } from "./results/scatter_layout.js";

const PLACE = { partition: 0, offset: 0, reason: "", original: {} };

test("bytes as text, or 16 a line in hexadecimal", () => {
  expect(bytesOf({ ...PLACE, value: { text: "rubbish" } })).toBe("rubbish");
  expect(bytesOf({ ...PLACE, value: { hex: "00ff".repeat(9), is_cut: true } })).toBe(
    "00 ff 00 ff 00 ff 00 ff 00 ff 00 ff 00 ff 00 ff\n00 ff\n...",
  );
  expect(bytesOf(PLACE)).toBe("");
});

test("what was edited goes as an object or as a line, a task of stage 5 as its measurements", () => {
  expect(toBody('{"sepal_length": 6}')).toEqual({ sepal_length: 6 });
  expect(toBody('{"task_id": "a", "X": {"sepal_length": 6}}')).toEqual({ sepal_length: 6 });
  expect(toBody("6,3,4,1")).toBe("6,3,4,1");
  expect(toBody("17")).toBe("17");
});

test("an edit begins with what has the form of a task, and else with nothing", () => {
  const edit = (text: string) => toEdit({ ...PLACE, value: { text } });
  expect([edit("rubbish"), edit('{"sepal_length": "six"}')]).toEqual(["", '{"sepal_length": "six"}']);
});

test("a chart has a round top, gaps where nothing is known, and not the bucket that is not over", () => {
  const kind = KINDS.find(({ of }) => of === "waiting");
  const counts = { accepted: 0, answered: 0, failed: 0, cancelled: 0, dead_letters: 0 };
  const buckets = [undefined, 3, undefined, 1, 4, 999].map((waiting) => ({
    at: "",
    ...counts,
    ...(waiting !== undefined && { waiting }),
  }));
  if (kind === undefined) throw new Error("There is no such chart.");
  const figures = { buckets, bucket_seconds: 5 };
  // As after a start of the gateway: what it says in words is in the picture too.
  expect(layChart(kind, { ...figures, buckets: buckets.slice(0, 2) }, { waiting: 6 })).toEqual({
    top: 10,
    curves: [{ name: "waiting", pieces: ["0.5000,0.4000 1.0000,0.4000"] }],
  });
  expect(layChart(kind, figures)).toEqual({
    top: 5,
    curves: [
      {
        name: "waiting",
        pieces: ["0.2000,0.4000 0.4000,0.4000", "0.6000,0.8000 0.8000,0.8000 0.8000,0.2000 1.0000,0.2000"],
      },
    ],
  });
  expect([0, 0.03, 1, 3, 7, 120].map(roundUp)).toEqual([1, 0.05, 1, 5, 10, 200]);
});

test("flowers with the same petals share a mark, which is the stronger", () => {
  const result = (species: "setosa" | "virginica", petal_length: number) => ({
    row: 1,
    status: "SUCCESS" as const,
    X: { sepal_length: 5, sepal_width: 3, petal_length, petal_width: 0.2 },
    species,
    stored_at: "",
    partition: 0,
    offset: 0,
  });
  expect(spread([result("setosa", 1.4), result("setosa", 1.4), result("virginica", 1.4)])).toEqual([
    { length: 1.4, width: 0.2, species: "setosa", many: 2 },
    { length: 1.4, width: 0.2, species: "virginica", many: 1 },
  ]);
});
