/** A batch: the rows of a CSV file become tasks, their answers a CSV file in the same order. */
import { writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { readMeasurementsCsv } from "../common/csv.ts";
import { ProgramError } from "../common/errors.ts";
import { FIELDS } from "../common/iris.ts";
import { type Ask, awaitAll, printSummary } from "./ask_many.ts";

/** Bad rows are named on stderr, left out, and make the exit code 1; the rest is done. */
export async function answerFile(file: string, out: string, ask: Ask): Promise<void> {
  const rows = readMeasurementsCsv(file).flatMap(({ line, measurements }) => {
    if (measurements.ok) return [{ line, measurements: measurements.value }];
    process.exitCode = 1;
    console.error(`${file}:${line}: ${measurements.error.message}`);
    return [];
  });
  const replies = await awaitAll(
    rows.map(({ measurements }) => measurements),
    ask,
  );
  const answered = rows.flatMap(({ line, measurements }, index) => {
    const answer = replies[index]?.answer;
    if (answer === undefined || "error" in answer) return [];
    const { iris_type, species = "" } = answer.y;
    return [
      { line, ...measurements, iris_type, species, task_id: replies[index]?.task_id, worker: answer.worker },
    ];
  });
  const columns = ["line", ...FIELDS, "iris_type", "species", "task_id", "worker"];
  try {
    writeFileSync(out, stringify(answered, { header: true, columns }));
  } catch (error) {
    throw new ProgramError(
      `Cannot write ${out} (${(error as NodeJS.ErrnoException).code}): choose another --out`,
    );
  }
  printSummary(replies);
  console.log(`Written: ${out}`);
}
