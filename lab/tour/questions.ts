/** What the tour asks about: the flowers of the data set, or those of a file. */
import { readMeasurementsCsv } from "../../common/csv.ts";
import { ProgramError } from "../../common/errors.ts";
import type { Measurements } from "../../common/iris.ts";
import { printable } from "../../common/printable.ts";
import { sampleMeasurements } from "../../common/samples.ts";

/** At least one question. Bad rows are named on stderr. Throws ProgramError when the file has no good row. */
export function tourQuestions(file: string | undefined): Measurements[] {
  if (file === undefined) return sampleMeasurements(150);
  const good: Measurements[] = [];
  for (const { line, measurements } of readMeasurementsCsv(file)) {
    if (measurements.ok) good.push(measurements.value);
    else console.error(`${printable(file)}:${line}: ${measurements.error.message}`);
  }
  if (good.length === 0) {
    throw new ProgramError(`${printable(file)}: expected at least one row with four measurements, got none`);
  }
  return good;
}
