import { expect, test } from "vitest";
import type { StageReport } from "../demos/report.ts";
import { formatSummary } from "./summary.ts";

const reports = new Map<number, StageReport>([
  [0, { held: true }],
  [1, { held: true, alone: { questions: 1, seconds: 0.4567 } }],
  [2, { held: true, alone: { questions: 12, seconds: 0.012 } }],
  [3, { held: true, atOnce: { answered: 3, refused: 21, stored: 0, seconds: 0.3 } }],
  [4, { held: true, atOnce: { answered: 0, refused: 0, stored: 24, seconds: 6.2 } }],
  [
    5,
    {
      held: true,
      atOnce: { answered: 24, refused: 0, stored: 0, seconds: 2.1 },
      withOneKilled: { answered: 23, refused: 0, stored: 0, seconds: 8.4 },
      speedUp: { workers: 3, factor: 2.94 },
    },
  ],
]);

test.each([80, 39])("no line is wider than %i columns, and each question is one mark", (width) => {
  const summary = formatSummary(reports, width, 0.25);
  for (const line of summary.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
  expect(summary).toContain(`3 server      ●●●${"×".repeat(21)}`);
  expect(summary).toContain(`4 queue       ${"○".repeat(24)}`);
  expect(summary).toContain(`5 task queue  ${"●".repeat(24)}`);
  expect(summary).toContain(`5, one killed ${"●".repeat(23)}`);
});

test("it says what each stage adds, in figures of this run, and that the cost is simulated", () => {
  const summary = formatSummary(reports, 80, 0.25);
  expect(summary).toContain("1 command     456.7 ms a question");
  expect(summary).toContain("2 prompt      1.0 ms a question");
  expect(summary).toContain("made to take 0.25 s here (stage 2 without it: 1.0 ms a question)");
  expect(summary).toContain("Stage 3 refused 21 of 24. Stage 4 refused 0.");
  expect(summary).toContain("Stage 4 told 0 of 24 askers the answer. Stage 5 told 24.");
  expect(summary).toContain("Its 3 workers were 2.9 times as fast as one.");
  expect(summary).toContain("With one of them killed, 23 of 24 were still answered.");
  expect(summary).not.toContain("did not hold");
});

test("one stage alone: its row, and no comparison with stages that were not run", () => {
  const summary = formatSummary(new Map([[4, reports.get(4) as StageReport]]), 80, 0.25);
  expect(summary).toContain("24 questions are asked at the same time");
  expect(summary).not.toMatch(/One person|3 server|Stage 3/);
});

test("a stage that could not run is named", () => {
  const summary = formatSummary(new Map([...reports, [5, { held: false }]]), 80, 0.25);
  expect(summary).toContain("A claim did not hold in stage 5");
  expect(summary).not.toContain("times as fast");
});
