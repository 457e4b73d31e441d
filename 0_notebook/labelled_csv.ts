/** Your own training data: a CSV file with the columns of the data set. */
import { readMeasurementsCsv } from "../common/csv.ts";
import { ProgramError } from "../common/errors.ts";
import type { IrisType } from "../common/forest.ts";
import { SPECIES, show } from "../common/iris.ts";
import { printable } from "../common/printable.ts";
import { FOLDS, type LabelledRow } from "./pipeline.ts";

/** As many bad rows are named; a wrong file has as many as rows. */
const SHOWN = 20;

/**
 * Reads a CSV file with the four measurements and the species, in any order.
 * Throws ProgramError with a line for each bad row, which it names by its line number in the file.
 */
export function readLabelledCsv(file: string): LabelledRow[] {
  const name = printable(file);
  const rows: LabelledRow[] = [];
  const faults: string[] = [];
  for (const { line, measurements, species } of readMeasurementsCsv(file, ["species"])) {
    const iris_type = toIrisType(species);
    if (!measurements.ok) faults.push(`${name}:${line}: ${measurements.error.message}`);
    else if (iris_type !== undefined) rows.push({ measurements: measurements.value, iris_type });
    else faults.push(`${name}:${line}: Expected species to be ${SPECIES.join(", ")}, got ${show(species)}`);
  }
  if (faults.length > SHOWN) {
    faults.splice(SHOWN, faults.length, `${name}: ${faults.length - SHOWN} more bad rows`);
  }
  if (faults.length > 0) throw new ProgramError(faults.join("\n"));
  for (const [irisType, species] of SPECIES.entries()) {
    const count = rows.filter((row) => row.iris_type === irisType).length;
    if (count < FOLDS) {
      throw new ProgramError(
        `${name}: expected at least ${FOLDS} rows of ${species}, one for each fold, got ${count}`,
      );
    }
  }
  return rows;
}

/** Reads `setosa`, `Setosa`, `Iris-setosa`, and 0, as scikit-learn has it. Undefined for other texts. */
function toIrisType(text: string): IrisType | undefined {
  const name = text.toLowerCase().replace(/^iris[-_ ]/, "");
  return ([0, 1, 2] as const).find((irisType) => name === SPECIES[irisType] || name === `${irisType}`);
}
