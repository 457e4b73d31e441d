/**
 * What travels in one request of a producer: messages of several who sent at the same moment, to one topic.
 */
import type { Message as KafkaJsMessage, Producer as KafkaJsProducer } from "kafkajs";
import type { Partitions } from "./partitioner.ts";

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

/** Messages that somebody sends, and waits for. */
export interface Sending {
  topic: string;
  messages: readonly OutgoingMessage[];
  places: Place[];
  /** It was rejected. */
  isOver: boolean;
  /** Its time is for the whole of it: what Kafka confirms gives it no more. */
  isLimited: boolean;
  /** Ends it when Kafka is silent, or when its time is up. */
  timer?: NodeJS.Timeout;
  resolve(places: Place[]): void;
  reject(error: unknown): void;
}

/** A topic takes batches of up to 1 MB (max.message.bytes), and all of a request may go to one partition. */
const REQUEST_BYTES = 512 * 1024;
/** What a message needs beside its key and value: lengths, offset, time. */
const OVERHEAD_BYTES = 50;

/** Who travels, and which of their messages. */
export type Request = { sending: Sending; messages: readonly OutgoingMessage[] }[];

/** Takes as many messages of the first topic off the queue as fit into one request, at least one. */
export function takeRequest(waiting: Sending[]): Request {
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

/** Sends it, and adds the place of each message to its sending. */
export async function sendRequest(
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
