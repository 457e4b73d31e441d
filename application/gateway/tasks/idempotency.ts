/**
 * The same request twice is one request: a claim on `idempotency-keys` decides which of those who come with a
 * key at the same instant, at whatever gateway, may choose the ids. The first record of a key is its claim.
 */
import { createHash, randomUUID } from "node:crypto";
import { CLAIM_MS } from "../../view/apply_keys.ts";
import { findTask, prepared } from "../../view/queries.ts";
import type { GatewayContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import { uuid5 } from "../http/uuid5.ts";
import { sendTasks } from "./accept.ts";
import { waitFor } from "./look_up.ts";
import type { TaskBody } from "./task_body.ts";

/** So long somebody else's request may take from its claim until its tasks are in Kafka. */
const OTHERS_SECONDS = 5;

interface Claim {
  id: string;
  hash: string;
  at: number;
}

/**
 * The ids of the tasks, which are in Kafka when this resolves. Throws Problem when the key belongs to another
 * body.
 */
export async function sendOnce(
  context: GatewayContext,
  key: string,
  body: TaskBody,
  signal: AbortSignal,
): Promise<string[]> {
  const hash = createHash("sha256").update(JSON.stringify(body)).digest("base64url");
  const mine = randomUUID();
  const claim = findClaim(context, key) ?? (await putClaim(context, key, { id: mine, hash, at: Date.now() }));
  if (claim.hash !== hash) {
    const detail = `Expected the body that came first with the key ${JSON.stringify(key)}, got another one`;
    throw new Problem("key-used", `${detail}: choose a new key for a new request`);
  }
  const ids = body.isList ? body.flowers.map((_, index) => uuid5(claim.id, String(index))) : [claim.id];
  const isMissing = (id: string) => findTask(context.view.database, id) === undefined;
  if (claim.id !== mine) {
    // Somebody else sends them, or has died over it: then they are sent again, under the same ids.
    if (ids.some(isMissing)) await context.view.readToEnd(["tasks"]);
    const last = ids.at(-1) ?? claim.id;
    if (ids.some(isMissing)) await waitFor(context.view, last, () => true, OTHERS_SECONDS, signal);
    if (ids.some(isMissing)) await context.view.readToEnd(["tasks"]);
  }
  const left = ids.flatMap((id, index) => (claim.id === mine || isMissing(id) ? [index] : []));
  if (left.length > 0) {
    const flowers = left.flatMap((index) => body.flowers[index] ?? []);
    await sendTasks(
      context,
      left.map((index) => ids[index] ?? ""),
      flowers,
    );
  }
  return ids;
}

function findClaim({ view }: GatewayContext, key: string): Claim | undefined {
  const sql = "SELECT id, hash, at FROM idempotency_key WHERE key = ? AND at > ?";
  return prepared(view.database, sql).get(key, Date.now() - CLAIM_MS) as Claim | undefined;
}

/** Resolves with the claim that counts: this one, or another's that was first. */
async function putClaim(context: GatewayContext, key: string, claim: Claim): Promise<Claim> {
  const { producer, topics, view } = context;
  const [place] = await producer.send(topics.keys, [{ key, value: JSON.stringify(claim) }]);
  if (place !== undefined) await view.reached({ keys: { [place.partition]: Number(place.offset) + 1 } });
  return findClaim(context, key) ?? claim;
}
