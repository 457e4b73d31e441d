/**
 * The same request twice is one request: a claim on `idempotency-keys` decides which of those who come with a
 * key at the same instant, at whatever gateway, may choose the ids. The first record of a key is its claim.
 */
import { createHash } from "node:crypto";
import type { Place } from "../../../common/kafka/producer.ts";
import type { GatewayContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import { uuid5 } from "../http/uuid5.ts";
import { sendTasks } from "./accept.ts";
import { type Claim, takeTurn } from "./claims.ts";
import type { TaskBody } from "./task_body.ts";

/**
 * The ids of the tasks, which are in Kafka when this resolves; and the place of the first, if this has sent
 * it. Throws Problem when the key belongs to another body.
 */
export async function sendOnce(
  context: GatewayContext,
  key: string,
  body: TaskBody,
  signal: AbortSignal,
): Promise<{ ids: string[]; place?: Place | undefined }> {
  const { flowers, isList } = body;
  const hash = createHash("sha256").update(JSON.stringify(body)).digest("base64url");
  const idsOf = (claim: Claim) => {
    if (claim.hash !== hash) throw keyUsed(key);
    return isList ? flowers.map((_, index) => uuid5(claim.id, String(index))) : [claim.id];
  };
  const { ids, left, deadline } = await takeTurn(context, key, hash, idsOf, signal);
  if (left.length === 0) return { ids };
  const places = await sendTasks(
    context,
    left.map((index) => ids[index] ?? ""),
    left.flatMap((index) => flowers[index] ?? []),
    deadline,
  );
  return { ids, ...(left[0] === 0 ? { place: places[0] } : {}) };
}

function keyUsed(key: string): Problem {
  const detail = `Expected the body that came first with the key ${JSON.stringify(key)}, got another one`;
  return new Problem("key-used", `${detail}: choose a new key for a new request`);
}
