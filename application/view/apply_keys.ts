/** Messages of `idempotency-keys`: who claimed a key first. */
import * as v from "valibot";
import type { Message } from "../../common/kafka/consume_plan.ts";
import type { Writing } from "./apply.ts";

/** So long a claim counts, from its own time on: the same for every gateway, whenever it reads. */
export const CLAIM_MS = 24 * 3_600_000;

const claimSchema = v.object({ id: v.string(), hash: v.string() });

export function prepareKeys({ rows, timeOf }: Writing) {
  const claim = rows.prepare(
    `INSERT INTO idempotency_key (key, id, hash, at, "offset") VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE
      SET id = excluded.id, hash = excluded.hash, at = excluded.at, "offset" = excluded."offset"
      WHERE excluded.at - idempotency_key.at > ${CLAIM_MS}`,
  );

  return (message: Message): void => {
    const parsed = v.safeParse(claimSchema, parseJson(message.value));
    if (message.key === null || !parsed.success) return;
    const { id, hash } = parsed.output;
    claim.run(message.key.toString(), id, hash, timeOf(message), Number(message.offset));
  };
}

function parseJson(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? "");
  } catch {
    return undefined; // Not one of ours.
  }
}
