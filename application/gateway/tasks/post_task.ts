/** POST /tasks, and what POST /elab shares with it: from the request to tasks that Kafka has. */
import { randomUUID } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Place } from "../../../common/kafka/producer.ts";
import type { TaskRow } from "../../view/schema.ts";
import type { GatewayContext } from "../context.ts";
import { abortedOnHangUp } from "../http/hang_up.ts";
import { parseIdempotencyKey, parsePreferWait } from "../http/headers.ts";
import { sendTasks } from "./accept.ts";
import { sendOnce } from "./idempotency.ts";
import { throwIfForgotten, waitFor } from "./look_up.ts";
import { parseTaskBody, type TaskBody } from "./task_body.ts";
import { isFinal } from "./task_json.ts";

export interface Posted {
  ids: string[];
  isList: boolean;
  /** Where Kafka has put the first task, if it is new. */
  place?: { partition: number; offset: number };
  /** The row of a single task, if its client waits: final, or as it was when the time was up. */
  row?: TaskRow | undefined;
  /** Seconds that the client was ready to wait. */
  waited?: number;
}

/** Resolves when Kafka has the tasks, and the client has waited as long as it prefers. Throws Problem. */
export async function postTasks(
  context: GatewayContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Posted> {
  const key = parseIdempotencyKey(request.headers["idempotency-key"]);
  const body = parseTaskBody(request.body);
  const seconds = body.isList ? undefined : parsePreferWait(request.headers.prefer?.toString());
  if (key === undefined && seconds === undefined) return sendNew(context, body);

  const signal = abortedOnHangUp(reply);
  if (key !== undefined) {
    const { ids, place } = await sendOnce(context, key, body, signal);
    // A list is answered by its ids alone; of a single task there is no status to tell.
    if (!body.isList && place === undefined) throwIfForgotten(context.view, ids[0] ?? "");
    const answer = await answerOf(context, ids, seconds, signal);
    return { ids, isList: body.isList, ...placeOf(place), ...answer };
  }
  const ids = [randomUUID()];
  // The wait begins before the task is sent: the answer may be there before the receipt is.
  const waiting = answerOf(context, ids, seconds, signal);
  const [answer, [place]] = await Promise.all([waiting, sendTasks(context, ids, body.flowers)]);
  return { ids, isList: false, ...placeOf(place), ...answer };
}

async function sendNew(context: GatewayContext, { isList, flowers }: TaskBody): Promise<Posted> {
  const ids = flowers.map(() => randomUUID());
  const [place] = await sendTasks(context, ids, flowers);
  return { ids, isList, ...placeOf(place) };
}

function placeOf(place: Place | undefined): Pick<Posted, "place"> {
  return place === undefined ? {} : { place: { partition: place.partition, offset: Number(place.offset) } };
}

async function answerOf(
  { view }: GatewayContext,
  [id = ""]: readonly string[],
  seconds: number | undefined,
  signal: AbortSignal,
): Promise<Pick<Posted, "row" | "waited">> {
  if (seconds === undefined) return {};
  return { row: await waitFor(view, id, isFinal, seconds, signal), waited: seconds };
}
