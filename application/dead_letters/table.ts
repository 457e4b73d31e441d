/** Dead letters for people: a table that fits into 80 columns. `--json` has all of each. */
import Table from "cli-table3";
import wrapAnsi from "wrap-ansi";
import { plural } from "../../common/plural.ts";
import { printable } from "../../common/printable.ts";
import type { LetterFacts } from "./letter.ts";
import type { Letters } from "./read_letters.ts";
import { formatPlace } from "./replay.ts";
import { showBytes } from "./show_bytes.ts";

/** So many characters of an id tell tasks apart; the other programs print them too. */
const ID_LENGTH = 4;
/** Characters in a line of a cell, and lines of a cell at most. */
const MESSAGE = { width: 18, lines: 3 };
const REASON = { width: 27, lines: 5 };
/** More bytes than fit. */
const SHOWN_BYTES = 200;

/** The letters as a table for a terminal, with how many there are in all and what to do next. */
export function formatLetters({ letters, total }: Letters): string {
  if (letters.length === 0) return "No dead letters: the workers could read every task.";
  const table = new Table({
    head: ["place", "set aside (UTC)", "message", "reason"],
    style: { head: [], border: [] },
  });
  for (const letter of letters) {
    table.push([formatPlace(letter), whenAndWhere(letter), inCell(message(letter), MESSAGE), reason(letter)]);
  }
  const [newest] = letters;
  const count =
    letters.length < total ? `The newest ${letters.length} of ${total}` : plural(total, "dead letter");
  const place = newest === undefined ? "0/0" : formatPlace(newest);
  return (
    `${table}\n${count}. To put one back as it should have been:\n` +
    `npm run dead-letters -- --replay ${place} --edit 6,3,4,1`
  );
}

/** When it was set aside, and where it lay in `tasks`. */
function whenAndWhere({ at, original_partition, original_offset }: LetterFacts): string {
  const date = new Date(at);
  const iso = Number.isNaN(date.getTime()) ? "" : date.toISOString();
  const when = `${iso.slice(5, 10)} ${iso.slice(11, 19)}`;
  const known = original_partition !== null && original_offset !== null;
  return known ? `${when}\ntasks ${original_partition}/${original_offset}` : when;
}

function message({ value }: LetterFacts): string {
  if (value === null) return "(no value)";
  const { text, hex } = showBytes(value, SHOWN_BYTES);
  return text ?? `(hex) ${hex}`;
}

function reason(letter: LetterFacts): string {
  const shown = inCell(letter.reason, REASON);
  return letter.replayed_as === null
    ? shown
    : `${shown}\nreplayed as ${printable(letter.replayed_as).slice(0, ID_LENGTH)}`;
}

/** Text from outside: escaped, in lines that fit, and no more of them than there is room for. */
function inCell(text: string, { width, lines }: { width: number; lines: number }): string {
  const all = wrapAnsi(printable(text), width, { hard: true, trim: true }).split("\n");
  if (all.length <= lines) return all.join("\n");
  const last = (all[lines - 1] ?? "").slice(0, width - 1);
  return [...all.slice(0, lines - 1), `${last}…`].join("\n");
}
