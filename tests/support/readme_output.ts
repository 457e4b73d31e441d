/** Compares what a command printed with what its README promises. Throws an error that shows both. */
import { stripVTControlCharacters } from "node:util";
import type { Command } from "./readme.ts";

export function compare(command: Command, printed: string[]): void {
  const [expected, actual] = [command.output, printed].map((lines) => lines.map(normalize).join("\n").trim());
  if (expected !== actual) fail(command, printed);
}

export function expectInOrder(command: Command, expected: string[], printed: string[]): void {
  let from = 0;
  const lines = printed.map(normalize);
  for (const line of expected.map(normalize)) {
    const found = lines.findIndex((candidate, index) => index >= from && candidate.endsWith(line));
    if (found === -1) fail(command, printed);
    from = found + 1;
  }
}

export function expectInAnyOrder(command: Command, printed: string[]): void {
  const left = unwrap(printed).map(normalize);
  for (const line of unwrap(command.output).map(normalize)) {
    const found = left.indexOf(line);
    if (found === -1) fail(command, printed);
    left.splice(found, 1);
  }
}

/** A demonstration wraps a line at the terminal's width, and indents its rest. */
function unwrap(lines: string[]): string[] {
  return lines
    .join("\n")
    .replace(/\n {10,}(?=\S)/g, " ")
    .split("\n");
}

function fail(command: Command, printed: string[]): never {
  throw new Error(
    `$ ${command.line}\nshould print\n${command.output.join("\n")}\nbut printed\n${printed.join("\n")}`,
  );
}

/** What differs from run to run and from machine to machine: times, process ids, ports. */
export function normalize(line: string): string {
  return (
    stripVTControlCharacters(line)
      .trimEnd()
      .replace(/\d+(\.\d+)? ms\b/g, "N ms")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
      .replace(/^ +\d+\.\d (?=\S)/, "TIME ")
      .replace(/\b(client|pid) \d{2,}/g, "$1 PID")
      // Which client asks first is chance.
      .replace(/\bclient-\d\b/, "client-N")
      .replace(/(127\.0\.0\.1|localhost):\d+/g, "$1:PORT")
      .replace(/^Worker \S+:\d+ /, "Worker NAME ")
      .replace(/^Storing results in \S+ /, "Storing results in DB ")
      .replace(/^(->|<-) [\da-f]{4} /, "$1 ID ")
      // The widths of a table's columns follow what is in them.
      .replace(/ {2,}(?=│)/g, " ")
      .replace(/│ [^│]+ │ \d\d-\d\d \d\d:\d\d:\d\d │$/, "│ WORKER │ TIME │")
      .replace(/─+/g, "─")
      // Which worker answers is chance.
      .replace(/, worker-\d,/, ", WORKER,")
  );
}
