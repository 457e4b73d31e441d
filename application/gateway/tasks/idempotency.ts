/**
 * The same request twice is one request: a claim on `idempotency-keys` decides which of those who come with a
 * key at the same instant, at whatever gateway, may choose the ids. The first record of a key is its claim.
 */
import { createHash, randomUUID } from "node:crypto";
import { findTask } from "../../view/queries.ts";
import type { GatewayContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import { uuid5 } from "../http/uuid5.ts";
import { sendTasks } from "./accept.ts";
import { claimKey, OTHERS_SECONDS } from "./claims.ts";
import { waitFor } from "./look_up.ts";
import type { TaskBody } from "./task_body.ts";

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
  const claim = await claimKey(context, key, { id: mine, hash });
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
