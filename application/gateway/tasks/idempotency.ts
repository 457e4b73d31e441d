/**
 * The same request twice is one request: a claim on `idempotency-keys` decides which of those who come with a
 * key at the same instant, at whatever gateway, may choose the ids. The first record of a key is its claim.
 */
import { createHash, randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { KafkaError } from "../../../common/kafka/errors.ts";
import type { Place } from "../../../common/kafka/producer.ts";
import { findTask, isForgotten } from "../../view/queries.ts";
import type { View } from "../../view/types.ts";
import type { GatewayContext } from "../context.ts";
import { Deadline } from "../deadline.ts";
import { Problem } from "../http/problem.ts";
import { uuid5 } from "../http/uuid5.ts";
import { sendTasks } from "./accept.ts";
import { claimKey, OTHERS_SECONDS } from "./claims.ts";
import { waitFor } from "./look_up.ts";
import type { TaskBody } from "./task_body.ts";

/** So many tasks of a list are looked for in one turn of the event loop. */
const LOOKS_A_TURN = 500;

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
  const hash = createHash("sha256").update(JSON.stringify(body)).digest("base64url");
  const mine = randomUUID();
  const deadline = new Deadline();
  const claim = await claimKey(context, key, { id: mine, hash }, deadline);
  if (claim.hash !== hash) {
    const detail = `Expected the body that came first with the key ${JSON.stringify(key)}, got another one`;
    throw new Problem("key-used", `${detail}: choose a new key for a new request`);
  }
  const ids = body.isList ? body.flowers.map((_, index) => uuid5(claim.id, String(index))) : [claim.id];
  if (claim.id === mine) {
    const [place] = await sendTasks(context, ids, body.flowers, deadline);
    return { ids, place };
  }
  // Somebody else sends them, or has died over it: then they are sent again, under the same ids.
  const missing = await missingAfterAWhile(context.view, ids, signal);
  if (missing.length > 0) {
    await sendTasks(
      context,
      missing.map((index) => ids[index] ?? ""),
      missing.flatMap((index) => body.flowers[index] ?? []),
    );
  }
  return { ids };
}

/** The indexes of those that Kafka does not have, though there was time to send them. */
async function missingAfterAWhile(
  view: View,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<number[]> {
  if ((await findMissing(view, ids)).length === 0) return [];
  await new Deadline().readToEnd(view, ["tasks"]);
  if ((await findMissing(view, ids)).length === 0) return [];
  await waitFor(view, ids.at(-1) ?? "", () => true, OTHERS_SECONDS, signal);
  // Without the time to wait nobody knows whether the other one still sends them.
  if (signal.aborted) throw new KafkaError("unreachable", "The gateway ends");
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
