/** Sends what kafkajs cannot make: the bytes of a batch are changed on their way. */
import { gzipSync } from "node:zlib";
import kafkajs, { type Kafka, type Message, Partitioners } from "kafkajs";

const { CompressionCodecs, CompressionTypes } = kafkajs;

/**
 * Sends the messages to partition 0 as one batch, whose records `change` may rewrite in a form that Kafka
 * accepts.
 */
export async function sendChanged(
  kafka: Kafka,
  topic: string,
  messages: Message[],
  change: (records: Buffer) => Buffer = (records) => records,
): Promise<void> {
  const { GZIP } = CompressionTypes;
  const before = CompressionCodecs[GZIP];
  const compress = async ({ buffer }: { buffer: Buffer }) => gzipSync(change(buffer));
  CompressionCodecs[GZIP] = () => ({ ...before(), compress });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  try {
    await producer.connect();
    // Kafkajs cannot choose one by a long key: its hash takes hours.
    await producer.send({
      topic,
      compression: GZIP,
      messages: messages.map((message) => ({ ...message, partition: 0 })),
    });
  } finally {
    CompressionCodecs[GZIP] = before;
    await producer.disconnect();
  }
}
