/** One's own training data: a CSV file with the columns of the data set. */
import { readMeasurementsCsv } from "../common/csv.ts";
import { ProgramError } from "../common/errors.ts";
import { SPECIES, type Species } from "../common/iris.ts";
import { FOLDS, type LabelledRow } from "./pipeline.ts";

/**
 * Reads a CSV file with the header sepal_length,sepal_width,petal_length,petal_width,species, in any order.
 * Throws ProgramError with a line for each bad row, which it names by its line number in the file.
 */
export function readLabelledCsv(file: string): LabelledRow[] {
  const rows: LabelledRow[] = [];
  const faults: string[] = [];
  for (const { line, measurements, columns } of readMeasurementsCsv(file, ["species"])) {
    const { species = "" } = columns;
    const iris_type = SPECIES.indexOf(species as Species);
    if (!measurements.ok) faults.push(`${file}:${line}: ${measurements.error.message}`);
    else if (iris_type >= 0) rows.push({ measurements: measurements.value, iris_type });
    else faults.push(`${file}:${line}: Expected species to be ${SPECIES.join(", ")}, got "${species}"`);
  }
  if (faults.length > 0) throw new ProgramError(faults.join("\n"));
  for (const [irisType, species] of SPECIES.entries()) {
    const count = rows.filter((row) => row.iris_type === irisType).length;
    if (count < FOLDS) {
      throw new ProgramError(
        `${file}: expected at least ${FOLDS} rows of ${species}, one a fold, got ${count}`,
      );
    }
  }
  return rows;
}
