/** What a transaction leaves in a topic that was taken back: records and a mark, and no message. */
import { randomUUID } from "node:crypto";
import { Partitioners } from "kafkajs";
import type { KafkaSandbox, TopicName } from "../../lab/harness/kafka_sandbox.ts";

/** Sends this to the topic, and takes it back. `partition`: any if it is not given. */
export async function takeBack(
  sandbox: KafkaSandbox,
  name: TopicName,
  value: string,
  partition?: number,
): Promise<void> {
  const producer = sandbox.kafka.producer({
    transactionalId: `${sandbox.prefix}${randomUUID()}`,
    maxInFlightRequests: 1,
    idempotent: true,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  const place = partition === undefined ? {} : { partition };
  await transaction.send({ topic: sandbox.topic(name), messages: [{ value, ...place }] });
  await transaction.abort();
  await producer.disconnect();
}
