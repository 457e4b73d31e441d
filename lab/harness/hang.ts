import wrapAnsi from "wrap-ansi";

/**
 * Wraps a text to the width of the terminal. It stands behind `prefix`, which takes `indent` columns of each
 * line.
 */
export function hang(text: string, width: number, prefix = "", indent = 0): string {
  const lines = wrapAnsi(text, Math.max(10, width - indent), { hard: true });
  return prefix + lines.replaceAll("\n", `\n${" ".repeat(indent)}`);
}
