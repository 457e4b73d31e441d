/** Request headers of POST /tasks: what the client prefers, and the key that makes a repeated request one. */
import * as v from "valibot";
import { InputError } from "../../../common/errors.ts";
import { show } from "../../../common/iris.ts";

/** Nobody is kept waiting longer. */
export const LONGEST_WAIT_SECONDS = 60;

/**
 * Seconds of `Prefer: wait=10` (RFC 7240, 4.3), at most a minute; undefined where the client does not wait.
 */
export function parsePreferWait(header: string | undefined): number | undefined {
  // A preference that is not understood is ignored, as the RFC asks.
  const [, seconds] = /(?:^|,)\s*wait\s*=\s*"?(\d+)"?(?=$|[,;\s])/i.exec(header ?? "") ?? [];
  return seconds === undefined ? undefined : Math.min(Number(seconds), LONGEST_WAIT_SECONDS);
}

/** One text, as the IETF draft writes it (a string in quotes), or without quotes, as most clients send it. */
const keySchema = v.pipe(
  v.string(),
  v.transform((text) =>
    /^"(?:[^"\\]|\\["\\])*"$/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text,
  ),
  v.string(),
  v.regex(/^[\x20-\x7e]{1,255}$/),
  v.description("The same key and body again, within 24 hours, at whatever gateway: the same tasks."),
);

/** The headers of POST /tasks and of POST /elab. */
export const postHeadersSchema = v.object({
  "idempotency-key": v.optional(keySchema),
  prefer: v.optional(
    v.pipe(
      v.string(),
      v.description("wait=10: the answer to a single task, if it comes within so many seconds (RFC 7240)."),
    ),
  ),
});

/** draft-ietf-httpapi-idempotency-key-header. Throws InputError. */
export function parseIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const parsed = v.safeParse(keySchema, header);
  if (parsed.success && parsed.output.trim() !== "") return parsed.output;
  throw new InputError("the header Idempotency-Key", "1 to 255 printable characters", show(header));
}
