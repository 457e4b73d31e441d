/** What the tour asks: the data set, or the visitor's own flowers. */
import { readMeasurementsCsv } from "../../common/csv.ts";
import { ProgramError } from "../../common/errors.ts";
import type { Measurements } from "../../common/iris.ts";
import { sampleMeasurements } from "../../common/samples.ts";

/** The questions, at least one. Bad rows of the file are named on stderr; throws ProgramError when no good one is left. */
export function tourQuestions(file: string | undefined): Measurements[] {
  if (file === undefined) return sampleMeasurements(150);
  const good: Measurements[] = [];
  for (const { line, measurements } of readMeasurementsCsv(file)) {
    if (measurements.ok) good.push(measurements.value);
    else console.error(`${file}:${line}: ${measurements.error.message}`);
  }
  if (good.length === 0)
    throw new ProgramError(`${file}: expected at least one row with four measurements, got none`);
  return good;
}
