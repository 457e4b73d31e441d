/**
 * Who was first? A claim on `idempotency-keys` decides, for all gateways and at the same instant: the first
 * record of a key counts, for 24 hours.
 */
import { CLAIM_MS } from "../../view/apply_keys.ts";
import { prepared } from "../../view/queries.ts";
import type { GatewayContext } from "../context.ts";

export interface Claim {
  /** Of the task that stands for the key. */
  id: string;
  /** Of the request. */
  hash: string;
}

/** So long somebody else's request may take from its claim until its tasks are in Kafka. */
export const OTHERS_SECONDS = 5;

/** Resolves with the claim that counts: this one, or another's that was first. */
export async function claimKey(context: GatewayContext, key: string, claim: Claim): Promise<Claim> {
  const known = findClaim(context, key);
  if (known !== undefined) return known;
  const { producer, topics, view } = context;
  const value = JSON.stringify({ ...claim, at: Date.now() });
  const [place] = await producer.send(topics.keys, [{ key, value }]);
  if (place !== undefined) await view.reached({ keys: { [place.partition]: Number(place.offset) + 1 } });
  return findClaim(context, key) ?? claim;
}

function findClaim({ view }: GatewayContext, key: string): Claim | undefined {
  const sql = "SELECT id, hash FROM idempotency_key WHERE key = ? AND at > ?";
  return prepared(view.database, sql).get(key, Date.now() - CLAIM_MS) as Claim | undefined;
}
