/** Messages of `idempotency-keys`: claims. The first one of a key counts. */
import * as v from "valibot";
import type { Message } from "../common/kafka/consume_plan.ts";

/** So long a claim counts, from its own time on: the same for every gateway, whenever it reads. */
export const CLAIM_MS = 24 * 3_600_000;
/**
 * Who has claimed and has not sent so long after died over it, or Kafka was away: then it is another's turn.
 */
export const TURN_MS = 5000;

/** The clocks of two gateways may differ by so much. */
const CLOCKS_MS = 60_000;

const claimSchema = v.object({ id: v.string(), hash: v.string() });

/** `id`: of the task that stands for the key. `hash`: of the request that came with it. */
export type ClaimMessage = v.InferOutput<typeof claimSchema>;

/** Undefined when it is none of ours. */
export function parseClaim({ value }: Pick<Message, "value">): ClaimMessage | undefined {
  try {
    const parsed = v.safeParse(claimSchema, JSON.parse(value?.toString() ?? ""));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds from now after which whoever claimed at this time (ms since 1970) sends no more. */
export function turnLeftMs(at: number, now = Date.now()): number {
  return Math.min(TURN_MS, Math.max(0, at + TURN_MS + CLOCKS_MS - now));
}

/** The key of a turn that is claimed after the first one. No client can send a key with a line break. */
export function turnKey(key: string, first: Pick<ClaimMessage, "id">, turn: number): string {
  return `${key}\n${first.id}\n${turn}`;
}

/**
 * The key under which a dead letter's replay is claimed, at `place` (0/12) and of this time. A topic that was
 * made anew has other letters at the same places, of other times.
 */
export function replayKey(place: string, at: number): string {
  return `replay-of\n${place}\n${at}`;
}
