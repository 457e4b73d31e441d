import wrapAnsi from "wrap-ansi";

/**
 * Wraps a text to the width of the terminal. It stands behind `prefix`, which takes `indent` columns of each
 * line.
 */
export function hang(text: string, width: number, prefix = "", indent = 0): string {
  // No break between a number and its percent sign.
  const glued = text.replaceAll(" %", "\u00a0%");
  const lines = wrapAnsi(glued, Math.max(10, width - indent), { hard: true }).replaceAll("\u00a0%", " %");
  return prefix + lines.replaceAll("\n", `\n${" ".repeat(indent)}`);
}

/** The same for stdout, if that is a terminal. Otherwise the text stays in one line, for grep. */
export function wrapped(text: string, prefix = "", indent = 0): string {
  return process.stdout.isTTY ? hang(text, process.stdout.columns, prefix, indent) : prefix + text;
}
