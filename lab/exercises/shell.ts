/** A command as a student pastes it into a shell in the project's folder. */
import { isAbsolute, relative, sep } from "node:path";

/** `input` is what the program reads; files of the project get their short names. */
export function toShell(root: string, file: string, args: readonly string[], input = ""): string {
  const words = args.map((arg) => quote(isAbsolute(arg) ? relative(root, arg).replaceAll(sep, "/") : arg));
  const command = ["npx tsx", file, ...words].join(" ");
  // printf would take a minus at the beginning for an option.
  const print = input.startsWith("-") ? "printf --" : "printf";
  return input === "" ? command : `${print} ${quote(toFormat(input))} | ${command}`;
}

function quote(word: string): string {
  return /^[\w./:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** printf reads escapes and placeholders in its first argument. */
function toFormat(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("%", "%%").replaceAll("\n", "\\n");
}
