/** Bytes from outside as a person can read them. */
import { isUtf8 } from "node:buffer";
import * as v from "valibot";
import { printable } from "../../common/printable.ts";

export const shownSchema = v.object({
  text: v.exactOptional(v.pipe(v.string(), v.description("If all of it is printable UTF-8."))),
  hex: v.exactOptional(v.pipe(v.string(), v.description("Otherwise."))),
  is_cut: v.exactOptional(v.pipe(v.literal(true), v.description("There is more than is shown."))),
});
/** One of the two. */
type Shown = v.InferOutput<typeof shownSchema>;

/**
 * The first so many bytes at most: as text if they are printable UTF-8 (line breaks and tabs are), else hex.
 */
export function showBytes(bytes: Uint8Array, longest: number = bytes.length): Shown {
  const isCut = bytes.length > longest;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, longest));
  const whole = isCut ? withoutCutCharacter(start) : start;
  const cut = isCut ? { is_cut: true as const } : {};
  if (isUtf8(whole)) {
    const text = whole.toString();
    const visible = text.replace(/[\n\r\t]/g, "");
    if (printable(visible) === visible) return { text, ...cut };
  }
  return { hex: start.toString("hex"), ...cut };
}

/** A character of several bytes may be cut in the middle: the part of it goes, too. */
function withoutCutCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.subarray(0, -back) : bytes;
    }
  }
  return bytes;
}
