/** A batch: the rows of a CSV file become tasks, their answers a CSV file in the same order. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import { readMeasurementsCsv } from "../common/csv.ts";
import { ProgramError } from "../common/errors.ts";
import { FIELDS, SPECIES } from "../common/iris.ts";
import { askAll } from "./ask_many.ts";
import type { TaskQueue } from "./request_reply.ts";
import { printSummary } from "./summary.ts";

const COLUMNS = ["line", ...FIELDS, "iris_type", "species", "task_id", "worker"];

/**
 * Bad rows are named on stderr, left out, and make the exit code 1; the rest is done. Returns the exit code.
 */
export async function askFile(queue: TaskQueue, file: string, out: string, timeout: number): Promise<number> {
  const csv = readMeasurementsCsv(file);
  explained(out, () => closeSync(openSync(out, "a"))); // Before the work, not after it.
  const rows = csv.flatMap(({ line, measurements }) => {
    if (measurements.ok) return [{ line, measurements: measurements.value }];
    console.error(`${file}:${line}: ${measurements.error.message}`);
    return [];
  });
  const questions = rows.map(({ measurements }) => measurements);
  const replies = await askAll(queue, questions, timeout);
  const answered = rows.flatMap(({ line, measurements }, index) => {
    const { task_id, answer } = replies[index] ?? {};
    if (answer === undefined || "error" in answer) return [];
    const { iris_type, species = SPECIES[iris_type] } = answer.answer;
    return [{ line, ...measurements, iris_type, species, task_id, worker: answer.worker }];
  });
  explained(out, () => writeFileSync(out, stringify(answered, { header: true, columns: COLUMNS })));
  const exitCode = printSummary(replies);
  console.log(`Written: ${out}`);
  return rows.length < csv.length ? 1 : exitCode;
}

function explained(out: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ProgramError(`Cannot write ${out} (${code}): choose another --out`, { cause });
  }
}
