/** What a part has measured, as a table: median and range of each figure, and whether its target is met. */
import Table from "cli-table3";
import { median, summarize } from "./statistics.ts";

export interface Figure {
  what: string;
  /** One a round. */
  values: number[];
  unit?: string;
  digits?: number;
  /** Holds for the median. */
  atMost?: number;
  atLeast?: number;
  /** Holds for every value. */
  worstAtMost?: number;
}

export interface Report {
  title: string;
  figures: Figure[];
}

/** Prints a report as a table: median and range, and whether the target is met. */
export function printReport({ title, figures }: Report): void {
  const table = new Table({ head: ["", "median (range)", "target"], style: { head: [], border: [] } });
  for (const figure of figures) {
    const { what, values, unit = "", digits = 2 } = figure;
    table.push([what, `${summarize(values, digits)} ${unit}`.trim(), describeTarget(figure)]);
  }
  console.log(`\n${title} (Node ${process.version})\n${table}`);
}

/** Measures so often, and says on stderr which round it is. */
export async function repeat(part: string, rounds: number, measure: () => Promise<void>): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`${part}: round ${round} of ${rounds}`);
    await measure();
  }
}

/** The figures of two contenders, round by round, one divided by the other. */
export function ratios(values: readonly number[], by: readonly number[]): number[] {
  return values.map((value, round) => value / (by[round] ?? Number.NaN));
}

function describeTarget({ values, unit = "", atMost, atLeast, worstAtMost }: Figure): string {
  const middle = median(values);
  const say = (limit: string, met: boolean) => `${limit} ${unit}`.trim() + (met ? ": met" : ": missed");
  if (worstAtMost !== undefined) {
    const worst = values.reduce((a, b) => Math.max(a, b));
    return say(`each at most ${worstAtMost}`, worst <= worstAtMost);
  }
  if (atMost !== undefined) return say(`at most ${atMost}`, middle <= atMost);
  return atLeast === undefined ? "" : say(`at least ${atLeast}`, middle >= atLeast);
}
