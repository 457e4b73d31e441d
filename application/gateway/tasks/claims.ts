/**
 * Who was first? A claim on `idempotency-keys` decides, for all gateways and at the same instant: the first
 * record of a key counts, for 24 hours.
 */
import { CLAIM_MS } from "../../view/apply_keys.ts";
import { prepared } from "../../view/queries.ts";
import type { GatewayContext } from "../context.ts";
import { Deadline } from "../deadline.ts";

export interface Claim {
  /** Of the task that stands for the key. */
  id: string;
  /** Of the request. */
  hash: string;
}

/** So long somebody else's request may take from its claim until its tasks are in Kafka. */
export const OTHERS_SECONDS = 5;

/** Resolves with the claim that counts: this one, or another's that was first. */
export async function claimKey(
  context: GatewayContext,
  key: string,
  claim: Claim,
  deadline = new Deadline(),
): Promise<Claim> {
  const { producer, topics, view } = context;
  const known = findClaim(context, key, Date.now() - CLAIM_MS);
  if (known !== undefined) return known;
  const value = JSON.stringify({ ...claim, at: Date.now() });
  const [place] = await producer.send(topics.keys, [{ key, value }], deadline.limit);
  await deadline.readBack(view, "keys", place);
  // Now the view has decided, by the times of the messages: our clock does not count.
  return findClaim(context, key) ?? claim;
}

function findClaim({ view }: GatewayContext, key: string, after = 0): Claim | undefined {
  const sql = "SELECT id, hash FROM idempotency_key WHERE key = ? AND at > ?";
  return prepared(view.database, sql).get(key, after) as Claim | undefined;
}
