/**
 * Reads the record batches of a fetch: https://kafka.apache.org/documentation/#recordbatch
 * A batch that cannot be read becomes one message without a value, and what follows is read.
 */
import { createRequire } from "node:module";
import kafkajs from "kafkajs";
import { CorruptDataError } from "./codecs.ts";
import { type Headers, readRecords } from "./records.ts";

/** Why a batch cannot be read, and which offsets it has. */
export interface Unreadable {
  firstOffset: string;
  lastOffset: string;
  reason: string;
}

/** What kafkajs hands on. A message that is `unreadable` stands for a whole batch, at its last offset. */
export interface ReadMessage {
  offset: string;
  timestamp: string;
  attributes: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Headers;
  unreadable?: Unreadable;
  // For kafkajs' own use.
  isControlRecord: boolean;
  batchContext: { producerId: string; inTransaction: boolean };
}

const HEADER_BYTES = 61;
/** The format since Kafka 0.11. */
const MAGIC = 2;
const MAGIC_AT = 16;
/** As objects they take half a gigabyte. */
const MAX_RECORDS = 1_000_000;

const crc32C: (data: Buffer) => number = createRequire(import.meta.url)(
  "kafkajs/src/protocol/recordBatch/crc32C",
);

/** Whether these bytes begin with a batch in the format that readBatches() knows. */
export function isBatch(set: Buffer): boolean {
  return set.length > MAGIC_AT && set[MAGIC_AT] === MAGIC;
}

/** The messages in `set`. A batch that is cut off at its end comes again, whole, with the next fetch. */
export async function readBatches(set: Buffer): Promise<ReadMessage[]> {
  const messages: ReadMessage[] = [];
  for (let at = 0; at + HEADER_BYTES <= set.length && set[at + MAGIC_AT] === MAGIC; ) {
    const end = at + 12 + set.readInt32BE(at + 8);
    if (end > set.length) break;
    try {
      // One by one: push(...records) fails from some 120,000 records on.
      for (const message of await readBatch(set.subarray(at, end))) messages.push(message);
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      const next = end + 8 <= set.length ? Number(set.readBigInt64BE(end)) : Number.POSITIVE_INFINITY;
      messages.push(standIn(set.subarray(at, at + HEADER_BYTES), next, error.message));
    }
    at = Math.max(end, at + HEADER_BYTES);
  }
  return messages;
}

async function readBatch(batch: Buffer): Promise<ReadMessage[]> {
  // Kafka checks this when it takes a batch. What is wrong now was changed on a disk.
  if (batch.length < HEADER_BYTES || crc32C(batch.subarray(21)) !== batch.readUInt32BE(17)) {
    throw new CorruptDataError("the checksum is wrong");
  }
  const { codec, count, firstOffset, firstTimestamp, appendTime, isControlRecord, batchContext } =
    readHeader(batch);
  if (count > MAX_RECORDS) throw new CorruptDataError(`${count} records in one batch are too many`);
  if (count === 0) return [];
  const data = await decompress(codec, batch.subarray(HEADER_BYTES));
  return parseRecords(data, count).map(({ timestampDelta, offsetDelta, key, value, headers }) => ({
    offset: String(firstOffset + offsetDelta),
    timestamp: String(appendTime ?? firstTimestamp + timestampDelta),
    attributes: 0,
    key,
    value,
    headers,
    isControlRecord,
    batchContext,
  }));
}

function readHeader(batch: Buffer) {
  const attributes = batch.readInt16BE(21);
  const lastTimestamp = Number(batch.readBigInt64BE(35));
  return {
    firstOffset: Number(batch.readBigInt64BE(0)),
    codec: attributes & 0b111,
    lastOffsetDelta: batch.readInt32BE(23),
    firstTimestamp: Number(batch.readBigInt64BE(27)),
    lastTimestamp,
    /** Set when the broker's clock counts, not the sender's. */
    appendTime: (attributes & 0b1000) !== 0 ? lastTimestamp : undefined,
    count: batch.readInt32BE(57),
    isControlRecord: (attributes & 0b10_0000) !== 0,
    batchContext: {
      producerId: String(batch.readBigInt64BE(43)),
      inTransaction: (attributes & 0b1_0000) !== 0,
    },
  };
}

function decompress(codec: number, data: Buffer): Buffer | Promise<Buffer> {
  if (codec === 0) return data;
  const codecs: Record<number, (() => { decompress(data: Buffer): Promise<Buffer> }) | undefined> =
    kafkajs.CompressionCodecs;
  const found = codecs[codec];
  if (found === undefined) throw new CorruptDataError(`the compression number ${codec} is unknown`);
  return found().decompress(data);
}

function parseRecords(data: Buffer, count: number) {
  try {
    return readRecords(data, count);
  } catch (cause) {
    throw new CorruptDataError(`the records cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** `next` is the first offset of the batch behind: the header itself may be what is corrupt. */
function standIn(header: Buffer, next: number, reason: string): ReadMessage {
  const { firstOffset, lastOffsetDelta, lastTimestamp, batchContext } = readHeader(header);
  const lastOffset = Math.max(firstOffset, Math.min(firstOffset + lastOffsetDelta, next - 1));
  const offset = String(lastOffset);
  return {
    offset,
    timestamp: String(lastTimestamp),
    attributes: 0,
    key: null,
    value: null,
    headers: Object.create(null),
    unreadable: { firstOffset: String(firstOffset), lastOffset: offset, reason },
    isControlRecord: false,
    batchContext,
  };
}
