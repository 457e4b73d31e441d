/**
 * Whether a database has changed, without opening it: on Node 20 a connection is really closed only when its
 * statements are garbage collected.
 */
import { stat } from "node:fs/promises";

/** Another text after each commit. "" for a file that is missing. */
export async function fileStamp(file: string): Promise<string> {
  const parts = await Promise.all([file, `${file}-wal`].map((part) => stat(part).catch(() => undefined)));
  if (parts[0] === undefined) return "";
  return parts.map((part) => part && `${part.dev} ${part.ino} ${part.mtimeMs} ${part.size}`).join(", ");
}
