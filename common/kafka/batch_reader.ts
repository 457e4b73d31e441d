/**
 * Replaces the part of kafkajs that reads what was fetched. kafkajs ends the consumer at a batch that it
 * cannot read, and again at each start: an unknown compression, corrupt data, more than 120,000 messages (it
 * spreads them into arguments). It has no option for this.
 */
import { createRequire } from "node:module";
import { registerCodecs } from "./codecs.ts";
import { isBatch, readBatches } from "./record_batches.ts";

/** kafkajs' decoder, as far as it is used here. */
interface Decoder {
  readInt32(): number;
  canReadBytes(length: number): boolean;
  readBytes(length: number): Buffer;
  forward(length: number): void;
}

type ReadPartition = (decoder: Decoder) => Promise<unknown[]>;

const require = createRequire(import.meta.url);
const KAFKAJS_READER = require.resolve("kafkajs/src/protocol/requests/fetch/v4/decodeMessages");

let installed = false;

/** Makes every consumer of this process use readBatches() and all codecs. Call it before the first fetch. */
export function installBatchReader(): void {
  if (installed) return;
  installed = true;
  registerCodecs();
  const original: ReadPartition = require(KAFKAJS_READER);
  const readPartition: ReadPartition = async (decoder) => {
    const size = decoder.readInt32();
    if (size <= 0 || !decoder.canReadBytes(size)) return [];
    const set = decoder.readBytes(size);
    if (isBatch(set)) return readBatches(set);
    decoder.forward(-4 - size); // A format from before Kafka 0.11.
    return original(decoder);
  };
  // kafkajs looks its modules up here when it reads the first answer to a fetch.
  Object.assign(require.cache[KAFKAJS_READER] as NodeModule, { exports: readPartition });
}
