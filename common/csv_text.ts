/** The text of a CSV file, and its separator. Spreadsheets save both in many ways. */

import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { ProgramError } from "./errors.ts";
import { printable } from "./printable.ts";

/**
 * Reads UTF-8, with or without a byte-order mark, and UTF-16 with one. Throws ProgramError with one line when
 * the file cannot be read, has another encoding (letters such as ä), or is not text (.xlsx).
 */
export function readCsvText(file: string): string {
  const bytes = readBytes(file);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return toLittleEndian(bytes).toString("utf16le", 2);
  const line = firstLineThatIsNoText(bytes);
  if (line !== undefined) {
    throw new ProgramError(
      `${printable(file)}:${line}: expected text in UTF-8 or UTF-16, got other bytes: save it as "CSV UTF-8"`,
      { kind: "invalid_encoding" },
    );
  }
  return bytes.toString("utf8", bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
}

/**
 * The separator that a first line such as `sep=;` names (Excel reads and writes it), else the one in the
 * first line. The comma comes last: in a line with semicolons or tabs it is a decimal comma.
 */
export function findSeparator(text: string): { separator: string; firstLine: number } {
  const named = /^"?sep=([,;\t|])"?\s*$/i.exec(firstLineOf(text))?.[1];
  if (named !== undefined) return { separator: named, firstLine: 2 };
  const first = firstLineOf(text.trimStart()).replace(/"[^"]*"/g, "");
  return { separator: ["\t", ";", "|"].find((candidate) => first.includes(candidate)) ?? ",", firstLine: 1 };
}

function firstLineOf(text: string): string {
  return /^[^\r\n]*/.exec(text)?.[0] ?? "";
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ProgramError(`Cannot read ${printable(file)}: ${code}`, { kind: "unreadable_file", cause });
  }
}

/** UTF-16 comes in pairs of bytes. A single byte at the end is dropped. */
function toLittleEndian(bytes: Buffer): Buffer {
  return Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2))).swap16();
}

/** Counted from 1. A NUL is valid UTF-8, but it is not in a text. */
function firstLineThatIsNoText(bytes: Buffer): number | undefined {
  if (isUtf8(bytes) && !bytes.includes(0)) return undefined;
  const lines = bytes.toString("latin1").split(/\r\n|\r|\n/);
  return 1 + lines.findIndex((line) => line.includes("\0") || !isUtf8(Buffer.from(line, "latin1")));
}
