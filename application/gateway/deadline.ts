/**
 * How long Kafka may take for all that one request asks of it: its client is told after 5 s at most, also
 * when Kafka goes away between two steps.
 */
import { KafkaError } from "../../common/kafka/errors.ts";
import type { Place } from "../../common/kafka/producer.ts";
import type { ReadTopic, View } from "../view/types.ts";

/** The rest of the 5 s is for the way there and back. */
export const KAFKA_LIMIT_MS = 4500;

export class Deadline {
  readonly #end = performance.now() + KAFKA_LIMIT_MS;

  /** For a producer. */
  get limit(): { giveUpAfterMs: number } {
    return { giveUpAfterMs: Math.max(1, this.#end - performance.now()) };
  }

  /** Resolves when the view holds what has just been sent to this place. Throws KafkaError. */
  async readBack(view: View, topic: ReadTopic, place: Place | undefined): Promise<void> {
    if (place === undefined) return;
    const late = AbortSignal.timeout(Math.ceil(this.limit.giveUpAfterMs));
    try {
      await view.reached({ [topic]: { [place.partition]: Number(place.offset) + 1 } }, late);
    } catch (cause) {
      if (!late.aborted) throw cause;
      throw new KafkaError("unreachable", "Kafka has not answered in time", { cause });
    }
  }
}
