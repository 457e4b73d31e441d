/**
 * Sends messages: what is sent at the same moment travels together, and no request is larger than a
 * broker takes.
 */
import type { Kafka, Message as KafkaJsMessage, Producer as KafkaJsProducer } from "kafkajs";
import { explainRefusal } from "./errors.ts";
import { createPartitioner, type Partitions } from "./partitioner.ts";

export interface OutgoingMessage {
  value: string | Buffer | null;
  key?: string | Buffer | null;
  /** One that comes several times is a list. */
  headers?: Record<string, string | Buffer | (string | Buffer)[]>;
}

/** Where Kafka has put a message. */
export interface Place {
  partition: number;
  offset: string;
}

export interface Producer {
  /**
   * Resolves when every in-sync replica has the messages, with the place of each, in their order.
   * Through an outage it waits; throws ProgramError when Kafka refuses them.
   */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<Place[]>;
  disconnect(): Promise<void>;
}

/** A topic takes batches of up to 1 MB (max.message.bytes), and all of a request may go to one partition. */
const REQUEST_BYTES = 512 * 1024;
/** What a message needs beside its key and value: lengths, offset, time. */
const OVERHEAD_BYTES = 50;

interface Sending {
  topic: string;
  messages: readonly OutgoingMessage[];
  places: Place[];
  resolve(places: Place[]): void;
  reject(error: unknown): void;
}

/** `throughOutages` repeats what failed because no broker answered; `onSent` is told of each success. */
export async function connectProducer(
  kafka: Kafka,
  throughOutages: <T>(attempt: () => Promise<T>) => Promise<T>,
  onSent: () => void,
): Promise<Producer> {
  const partitions: Partitions = new WeakMap();
  const producer = kafka.producer({
    createPartitioner: () => createPartitioner(partitions),
    allowAutoTopicCreation: false,
    // Uses raised partitions within 2 s; by default after up to 5 minutes.
    metadataMaxAge: 2000,
  });
  await throughOutages(() => producer.connect());

  const waiting: Sending[] = [];
  let isFlushing = false;

  /** One request after the other. What comes meanwhile waits, and goes with the next one. */
  async function flush(): Promise<void> {
    isFlushing = true;
    // Whoever sends in this turn of the event loop is still to be heard.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const request = takeRequest(waiting);
      try {
        await sendRequest(producer, partitions, request);
        onSent();
      } catch (error) {
        for (const { sending } of request) {
          const index = waiting.indexOf(sending);
          if (index >= 0) waiting.splice(index, 1);
          sending.reject(explainRefusal(error, `messages to ${sending.topic}`));
        }
        continue;
      }
      for (const { sending } of request) {
        if (sending.places.length === sending.messages.length) sending.resolve(sending.places);
      }
    }
    isFlushing = false;
  }

  return {
    send(topic, messages) {
      if (messages.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        waiting.push({ topic, messages, places: [], resolve, reject });
        if (!isFlushing) void flush();
      });
    },
    disconnect: () => producer.disconnect(),
  };
}

type Request = { sending: Sending; messages: readonly OutgoingMessage[] }[];

/** Takes as many messages of the first topic off the queue as fit into one request, at least one. */
function takeRequest(waiting: Sending[]): Request {
  const request: Request = [];
  const topic = waiting[0]?.topic;
  let bytes = 0;
  for (let sending = waiting[0]; sending !== undefined && sending.topic === topic; sending = waiting[0]) {
    const from = sending.places.length;
    let to = from;
    for (; to < sending.messages.length; to += 1) {
      const size = sizeOf(sending.messages[to]);
      if (bytes > 0 && bytes + size > REQUEST_BYTES) break;
      bytes += size;
    }
    if (to > from) request.push({ sending, messages: sending.messages.slice(from, to) });
    if (to < sending.messages.length) break;
    waiting.shift();
  }
  return request;
}

async function sendRequest(
  producer: KafkaJsProducer,
  partitions: Partitions,
  request: Request,
): Promise<void> {
  const topic = request[0]?.sending.topic ?? "";
  const messages: KafkaJsMessage[] = request.flatMap((part) =>
    part.messages.map((message) => ({ ...message })),
  );
  const receipts = await producer.send({ topic, messages });
  const next = new Map(receipts.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? "0")]));
  let index = 0;
  for (const { sending, messages: part } of request) {
    for (let count = part.length; count > 0; count -= 1, index += 1) {
      const partition = partitions.get(messages[index] as KafkaJsMessage) ?? 0;
      const offset = next.get(partition) ?? 0n;
      next.set(partition, offset + 1n);
      sending.places.push({ partition, offset: String(offset) });
    }
  }
}

function sizeOf(message: OutgoingMessage | undefined): number {
  const { value = null, key = null, headers = {} } = message ?? {};
  const length = (part: string | Buffer | null) => (part === null ? 0 : Buffer.byteLength(part));
  const headerBytes = Object.entries(headers)
    .flatMap(([name, values]) => [values].flat().map((text) => Buffer.byteLength(name) + length(text) + 2))
    .reduce((sum, bytes) => sum + bytes, 0);
  return length(value) + length(key) + headerBytes + OVERHEAD_BYTES;
}
