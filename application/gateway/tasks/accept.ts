/** Puts tasks into Kafka, in the form of stage 5: any worker reads them. */
import type { Measurements } from "../../../common/iris.ts";
import { NotConfirmed, type Place } from "../../../common/kafka/producer.ts";
import type { GatewayContext } from "../context.ts";
import type { Deadline } from "../deadline.ts";
import { Problem } from "../http/problem.ts";

/**
 * Resolves when every in-sync replica has them. Throws Problem when that is not confirmed in time: it names
 * the ids that are.
 */
export async function sendTasks(
  { kafka, producer }: GatewayContext,
  ids: readonly string[],
  flowers: readonly Measurements[],
  deadline?: Deadline,
): Promise<Place[]> {
  const messages = flowers.map((X, index) => ({ value: JSON.stringify({ task_id: ids[index], X }) }));
  try {
    return await producer.send(kafka.topics.tasks, messages, deadline?.limit);
  } catch (error) {
    if (!(error instanceof NotConfirmed)) throw error;
    const confirmed = ids.slice(0, error.places.length);
    const { message } = error;
    const detail =
      ids.length === 1
        ? `${message}: the task may have arrived or not. With an Idempotency-Key it may be sent again`
        : `${message}: ${confirmed.length} of ${ids.length} tasks are confirmed, the others may have arrived`;
    throw new Problem("kafka-away", detail, {
      cause: error,
      extra: ids.length === 1 ? {} : { confirmed },
      headers: { "retry-after": "2" },
    });
  }
}
