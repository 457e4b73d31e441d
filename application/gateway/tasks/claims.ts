/**
 * Who was first? A claim on `idempotency-keys` decides, for all gateways and at the same instant: the first
 * record of a key counts, for 24 hours.
 */
import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { KafkaError } from "../../../common/kafka/errors.ts";
import { CLAIM_MS, type ClaimMessage, turnKey, turnLeftMs } from "../../claims_wire.ts";
import { findTask, isForgotten, prepared } from "../../view/queries.ts";
import type { View } from "../../view/types.ts";
import type { GatewayContext } from "../context.ts";
import { Deadline } from "../deadline.ts";
import { waitFor } from "./look_up.ts";

export interface Claim extends ClaimMessage {
  /** Milliseconds since 1970, by the clock of the gateway that claimed. */
  at: number;
}

/** So many tasks of a list are looked for in one turn of the event loop. */
const LOOKS_A_TURN = 500;

export interface Turn {
  /** Of the tasks that stand for the key. */
  ids: string[];
  /** The indexes of those that this caller has to send, and nobody else: none if others have sent all. */
  left: number[];
  /** Until when. */
  deadline: Deadline;
}

/**
 * Resolves when it is the caller's turn to send the tasks of a key, or when another has sent them. Who has
 * claimed the turn and has not sent them in time has died over it, or Kafka was away: then the next turn is
 * claimed. `idsOf` tells the ids by the first claim, and may throw.
 */
export async function takeTurn(
  context: GatewayContext,
  key: string,
  hash: string,
  idsOf: (first: Claim) => string[],
  signal: AbortSignal,
): Promise<Turn> {
  const mine = randomUUID();
  let deadline = new Deadline();
  const first = await claimKey(context, key, { id: mine, hash }, deadline);
  const ids = idsOf(first);
  if (first.id === mine) return { ids, left: [...ids.keys()], deadline };
  for (let [holder, turn] = [first, 1]; holder.id !== mine; turn += 1) {
    const left = await missingAfterAWhile(context.view, ids, holder, signal);
    if (left.length === 0) return { ids, left, deadline };
    deadline = new Deadline();
    holder = await claimKey(context, turnKey(key, first, turn), { id: mine, hash }, deadline);
  }
  return { ids, left: await findMissing(context.view, ids), deadline };
}

/** Resolves with the claim that counts: this one, or another's that was first. */
async function claimKey(
  context: GatewayContext,
  key: string,
  claim: Omit<Claim, "at">,
  deadline: Deadline,
): Promise<Claim> {
  const { producer, topics, view } = context;
  const at = Date.now();
  const known = findClaim(context, key, at - CLAIM_MS);
  if (known !== undefined) return known;
  const value = JSON.stringify({ ...claim, at });
  const [place] = await producer.send(topics.keys, [{ key, value }], deadline.limit);
  await deadline.readBack(view, "keys", place);
  // Now the view has decided, by the times of the messages: our clock does not count.
  return findClaim(context, key) ?? { ...claim, at };
}

function findClaim({ view }: GatewayContext, key: string, after = 0): Claim | undefined {
  const sql = "SELECT id, hash, at FROM idempotency_key WHERE key = ? AND at > ?";
  return prepared(view.database, sql).get(key, after) as Claim | undefined;
}

/** The indexes of those that Kafka does not have, though the holder of the turn had time to send them. */
async function missingAfterAWhile(
  view: View,
  ids: readonly string[],
  { at }: Claim,
  signal: AbortSignal,
): Promise<number[]> {
  if ((await findMissing(view, ids)).length === 0) return [];
  await new Deadline().readToEnd(view, ["tasks"]);
  if ((await findMissing(view, ids)).length === 0) return [];
  await waitFor(view, ids.at(-1) ?? "", () => true, turnLeftMs(at) / 1000, signal);
  // Without the time to wait nobody knows whether the other one still sends them.
  if (signal.aborted) throw new KafkaError("unreachable", "Nobody waits for it any more");
  await new Deadline().readToEnd(view, ["tasks"]);
  return await findMissing(view, ids);
}

/** The indexes of those that the view has never met. */
async function findMissing({ database }: View, ids: readonly string[]): Promise<number[]> {
  const missing: number[] = [];
  for (const [index, id] of ids.entries()) {
    if (findTask(database, id) === undefined && !isForgotten(database, id)) missing.push(index);
    if (index % LOOKS_A_TURN === LOOKS_A_TURN - 1) await nextTurn();
  }
  return missing;
}
