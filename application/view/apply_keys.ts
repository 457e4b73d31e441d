/** Messages of `idempotency-keys`: who claimed a key first. */
import type { Message } from "../../common/kafka/consume_plan.ts";
import { CLAIM_MS, parseClaim } from "../claims_wire.ts";
import type { Writing } from "./apply.ts";

/** Prepares the statement, and returns what applies a message of `idempotency-keys`. */
export function prepareKeys({ rows }: Writing) {
  const claim = rows.prepare(
    `INSERT INTO idempotency_key (key, id, hash, at, "offset") VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE
      SET id = excluded.id, hash = excluded.hash, at = excluded.at, "offset" = excluded."offset"
      WHERE excluded.at - idempotency_key.at > ${CLAIM_MS}`,
  );

  // By the time that the message bears, whatever our clock says: all gateways have to agree on the first one.
  return (message: Message): void => {
    const claimed = parseClaim(message);
    if (message.key === null || claimed === undefined) return;
    const { id, hash } = claimed;
    claim.run(
      message.key.toString(),
      id,
      hash,
      Math.max(0, Number(message.timestamp)),
      Number(message.offset),
    );
  };
}
