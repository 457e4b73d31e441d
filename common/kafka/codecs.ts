/**
 * Reads the compressions that Kafka knows. kafkajs has gzip alone, and most other clients send snappy, lz4 or
 * zstd. A library is loaded when the first batch needs it. None needs a compiler or a download at install.
 */
import { promisify } from "node:util";
import zlib from "node:zlib";
import kafkajs from "kafkajs"; // Node finds only some of its names in a CommonJS module.
import { ProgramError } from "../errors.ts";

const { CompressionCodecs, CompressionTypes, KafkaJSNonRetriableError } = kafkajs;

/** One compressed megabyte can hold gigabytes, which would end every worker that reads it. */
export const MAX_DECOMPRESSED = 64 * 2 ** 20;

/** Bytes from Kafka that cannot be read. Any other error here is a fault of this computer or program. */
export class CorruptDataError extends Error {}

type Decompress = (data: Buffer) => Buffer | Promise<Buffer>;
type ZlibFunction = (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(data: Buffer): Promise<Buffer>;
}

/** Adds what is missing to kafkajs, for reading. The programs send without compression. */
export function registerCodecs(): void {
  const { GZIP, Snappy, LZ4, ZSTD } = CompressionTypes;
  const codecs: Record<number, () => Codec> = CompressionCodecs;
  const gzip = codecs[GZIP];
  const register = (type: number, name: string, load: () => Promise<Decompress>) => {
    const decompress = createDecompress(name, load);
    const compress: Codec["compress"] = (encoder) => {
      if (type === GZIP && gzip !== undefined) return gzip().compress(encoder);
      throw new KafkaJSNonRetriableError(`Sending with ${name} is not supported`);
    };
    codecs[type] = () => ({ compress, decompress });
  };
  register(GZIP, "gzip", async () => withinLimit(promisify(zlib.gunzip) as ZlibFunction));
  register(Snappy, "snappy", loadSnappy);
  register(LZ4, "lz4", async () => (await import("lz4-napi")).decompressFrame);
  register(
    ZSTD,
    "zstd",
    nativeZstd === undefined ? loadZstd : async () => withinLimit(promisify(nativeZstd)),
  );
}

interface ZstdOfNode {
  zstdDecompress?: (
    data: Buffer,
    options: { maxOutputLength: number },
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
}

/**
 * Node has zstd from 22.15 on (its types here are those of Node 20), but that of 22 takes data cut off
 * for complete.
 */
const hasReliableZstd = Number.parseInt(process.versions.node, 10) >= 24;
export const nativeZstd = hasReliableZstd ? (zlib as ZstdOfNode).zstdDecompress : undefined;

function withinLimit(decompress: ZlibFunction): Decompress {
  return (data) => decompress(data, { maxOutputLength: MAX_DECOMPRESSED });
}

function createDecompress(name: string, load: () => Promise<Decompress>): Codec["decompress"] {
  let loading: Promise<Decompress> | undefined;
  return async (data) => {
    loading ??= load();
    const decompress = await loading.catch((cause: Error) => {
      // No reason to skip the data: it is good, and another computer can read it.
      const message = `Cannot load the library that reads ${name}: install it with npm ci`;
      const error = new ProgramError(message, { cause, fix: "npm ci" });
      // Else kafkajs would try again.
      throw Object.assign(new KafkaJSNonRetriableError(error), { cause: error });
    });
    try {
      const result = await decompress(data);
      if (result.length <= MAX_DECOMPRESSED) return result;
    } catch (cause) {
      throw new CorruptDataError(`${name} data cannot be decompressed: ${(cause as Error).message}`, {
        cause,
      });
    }
    throw new CorruptDataError(`${name} data has more than ${MAX_DECOMPRESSED} bytes when decompressed`);
  };
}

/** Java clients write 16 bytes, then blocks after their lengths (xerial's format); others write one block. */
async function loadSnappy(): Promise<Decompress> {
  const { uncompress } = await import("snappyjs");
  return (data) => {
    if (data.toString("latin1", 0, 8) !== "\x82SNAPPY\0") return uncompress(data, MAX_DECOMPRESSED);
    const blocks: Buffer[] = [];
    let left = MAX_DECOMPRESSED;
    for (let at = 16; at < data.length; ) {
      const end = at + 4 + data.readUInt32BE(at);
      if (end > data.length) throw new RangeError("the last block is cut off");
      const block = uncompress(data.subarray(at + 4, end), left);
      blocks.push(block);
      left -= block.length;
      at = end;
    }
    return Buffer.concat(blocks);
  };
}

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const MAX_WINDOW = 128 * 2 ** 20; // As in the reference implementation.

/** For Node 20. fzstd allocates the window that a frame asks for, up to 2 GB, and moves it for each block. */
export async function loadZstd(): Promise<Decompress> {
  const { Decompress: Decompressor } = await import("fzstd");
  return (data) => {
    for (let at = data.indexOf(ZSTD_MAGIC); at >= 0; at = data.indexOf(ZSTD_MAGIC, at + 4)) {
      if (readWindow(data, at) > MAX_WINDOW) throw new RangeError("a frame needs more than 128 MB");
    }
    const blocks: Uint8Array[] = [];
    let left = MAX_DECOMPRESSED;
    const decompressor = new Decompressor((block) => {
      left -= block.length;
      if (left < 0) throw new RangeError(`more than ${MAX_DECOMPRESSED} bytes`);
      blocks.push(block);
    });
    decompressor.push(data, true);
    return Buffer.concat(blocks);
  };
}

/** RFC 8878, 3.1.1.1: how many bytes the frame at `at` keeps; for a single segment, its whole content. */
function readWindow(data: Buffer, at: number): number {
  const descriptor = data[at + 4] ?? 0;
  const window = data[at + 5] ?? 0;
  if ((descriptor & 0x20) === 0) return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const size = data.subarray(at + 5 + dictionary).subarray(0, [1, 2, 4, 8][descriptor >> 6]);
  return size.reduceRight((total, byte) => total * 256 + byte, 0);
}
