/** A file that a program writes at the end of its work. */
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { ProgramError } from "./errors.ts";
import { printable } from "./printable.ts";

/** Call it before the work: throws ProgramError when the file cannot be written. */
export function assertWritable(file: string): void {
  explained(file, () => {
    const present = statSync(file, { throwIfNoEntry: false });
    if (present !== undefined && !present.isFile()) throw new Error("it is not a file");
    if (present !== undefined) accessSync(file, constants.W_OK);
    writeFileSync(unfinished(file), "");
    rmSync(unfinished(file));
  });
}

/** Writes the file under another name, then renames it: no other program ever reads half of it. */
export function writeOutput(file: string, text: string): void {
  explained(file, () => {
    try {
      writeFileSync(unfinished(file), text);
      renameSync(unfinished(file), file);
    } catch (error) {
      rmSync(unfinished(file), { force: true });
      throw error;
    }
  });
}

function unfinished(file: string): string {
  return `${file}.${process.pid}.tmp`;
}

function explained(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const text = `Cannot write ${printable(file)} (${code ?? message}): choose another --out`;
    throw new ProgramError(text, { kind: "unwritable_output", cause });
  }
}
