/**
 * How long Kafka may take for all that one request asks of it: its client is told after 5 s at most, also
 * when Kafka goes away between two steps, or when the view has much to read before it can say.
 */
import { KafkaError } from "../../common/kafka/errors.ts";
import type { Place } from "../../common/kafka/producer.ts";
import type { ReadTopic, View } from "../view/types.ts";
import { Problem } from "./http/problem.ts";

/** The rest of the 5 s is for the way there and back. */
export const KAFKA_LIMIT_MS = 4500;

export class Deadline {
  readonly #end = performance.now() + KAFKA_LIMIT_MS;

  get #left(): number {
    return Math.max(1, Math.ceil(this.#end - performance.now()));
  }

  /** For a producer. */
  get limit(): { limitMs: number } {
    return { limitMs: this.#left };
  }

  /** Resolves when the view holds what has just been sent to this place. Throws Problem, KafkaError. */
  async readBack(view: View, topic: ReadTopic, place: Place | undefined): Promise<void> {
    if (place === undefined) return;
    const late = AbortSignal.timeout(this.#left);
    try {
      await view.reached({ [topic]: { [place.partition]: Number(place.offset) + 1 } }, late);
    } catch (error) {
      throw late.aborted ? tooLate(view) : error;
    }
  }

  /** Resolves when the view has read these topics to where they end now. Throws Problem, KafkaError. */
  async readToEnd(view: View, topics: readonly ReadTopic[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(tooLate(view)), this.#left);
    });
    try {
      await Promise.race([view.readToEnd(topics), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function tooLate(view: View): Error {
  const { isCaughtUp, behind } = view.progress();
  return isCaughtUp ? new KafkaError("unreachable", "Kafka has not answered in time") : notReady(behind);
}

/** A list of what the view has read so far would look like a list of all. Throws Problem. */
export function throwIfBehind(view: View): void {
  const { isCaughtUp, behind } = view.progress();
  if (!isCaughtUp) throw notReady(behind);
}

/** The view reads what came while there was no gateway, or all of it. */
export function notReady(behind: number, reason = `The view has ${behind} messages to read first`): Problem {
  return new Problem("not-ready", `${reason}, then ask again`, {
    extra: { behind },
    headers: { "retry-after": "1" },
  });
}
