/**
 * Whose turn is it to replay a dead letter? Claims on `idempotency-keys` decide, as among the gateways; but a
 * command keeps no view, and reads them from Kafka.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaConnection } from "../../common/kafka/client.ts";
import type { Producer } from "../../common/kafka/producer.ts";
import { CLAIM_MS, parseClaim, turnKey, turnLeftMs } from "../claims_wire.ts";
import { readTopic } from "../read_topic.ts";
import { applicationTopics, ensureApplicationTopics } from "../topics.ts";

interface Claim {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
}

/**
 * The id under which the caller has to send the replay; undefined when another has sent it. `isReplayed`
 * looks whether a task replays the letter. The topic of the claims is made if it is missing.
 */
export async function claimReplay(
  kafka: KafkaConnection,
  producer: Producer,
  key: string,
  isReplayed: () => Promise<boolean>,
): Promise<string | undefined> {
  await ensureApplicationTopics(kafka);
  const topic = applicationTopics(kafka.settings.prefix).keys;
  const id = randomUUID();
  const claim = async (wanted: string): Promise<Claim> => {
    await producer.send(topic, [{ key: wanted, value: JSON.stringify({ id, hash: "" }) }]);
    return (await findClaim(kafka, topic, wanted)) ?? { id, at: Date.now() };
  };

  const first = await claim(key);
  for (let [holder, turn] = [first, 1]; holder.id !== id; turn += 1) {
    if (await isReplayed()) return undefined;
    await sleep(turnLeftMs(holder.at));
    if (await isReplayed()) return undefined;
    holder = await claim(turnKey(key, first, turn));
  }
  return first.id;
}

/** The claim that counts, by the rule of the views. */
async function findClaim(kafka: KafkaConnection, topic: string, key: string): Promise<Claim | undefined> {
  let counts: Claim | undefined;
  await readTopic(kafka, topic, (message) => {
    const claimed = message.key?.toString() === key ? parseClaim(message) : undefined;
    const at = Number(message.timestamp);
    if (claimed === undefined || (counts !== undefined && at - counts.at <= CLAIM_MS)) return;
    counts = { id: claimed.id, at };
  });
  return counts;
}
