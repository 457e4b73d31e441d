/**
 * Control characters, line and paragraph separators, and characters that change the direction of writing:
 * with them a text from outside could move the cursor, change colours or forge a line.
 */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const NAMES: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A text from outside as a terminal may show it: ESC becomes `\u001b`, a line break `\n`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => NAMES[character] ?? toEscape(character));
}

/** The same for a text of several lines of our own: line breaks stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
