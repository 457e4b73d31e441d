import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import kafkajs from "kafkajs";
import { compressFrameSync } from "lz4-napi";
import { compress as compressSnappy } from "snappyjs";
import { beforeAll, describe, expect, test } from "vitest";
import { CorruptDataError, loadZstd, MAX_DECOMPRESSED, nativeZstd, registerCodecs } from "./codecs.ts";

const { CompressionCodecs, CompressionTypes } = kafkajs;
type Name = "GZIP" | "Snappy" | "LZ4" | "ZSTD";
const NAMES: Name[] = ["GZIP", "Snappy", "LZ4", "ZSTD"];

/** What Kafka's Java client 4.3.0 makes of "iris," so many times. */
const JAVA: [Name, number, string][] = [
  ["GZIP", 0, "H4sIAAAAAAAA/wMAAAAAAAAAAAA="],
  ["GZIP", 20, "H4sIAAAAAAAA/8ssyizWyaQtAQC2JpK4ZAAAAA=="],
  ["Snappy", 0, "glNOQVBQWQAAAAABAAAAAQ=="],
  ["Snappy", 20, "glNOQVBQWQAAAAABAAAAAQAAAA1kEGlyaXMs/gUAegUA"],
  ["LZ4", 0, "BCJNGGBAggAAAAA="],
  ["LZ4", 20, "BCJNGGBAgg8AAABfaXJpcywFAEdQaXJpcywAAAAA"],
  ["ZSTD", 0, "KLUv/SAAAQAA"],
  ["ZSTD", 20, "KLUv/QBYZAAAKGlyaXMsAQCMqWgBAQAA"],
  // More than one block.
  ["ZSTD", 40_000, "KLUv/QBYbAAAKGlyaXMsAQD4/8iLFkwAAAhpAQA8DTkQAgEAAA=="],
];

beforeAll(() => registerCodecs());

function decompress(name: Name, data: Buffer): Promise<Buffer> {
  return CompressionCodecs[CompressionTypes[name]]().decompress(data);
}

/** Snappy as Java clients frame it: blocks after their lengths. */
function frame(blocks: Buffer[]): Buffer {
  const header = Buffer.from("\x82SNAPPY\0\0\0\0\x01\0\0\0\x01", "latin1");
  return Buffer.concat([header, ...blocks.flatMap((block) => [lengthOf(block), block])]);
}

function lengthOf(block: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(block.length);
  return length;
}

test.each(JAVA)("%s of Kafka's Java client, %i times a word", async (name, times, base64) => {
  const text = (await decompress(name, Buffer.from(base64, "base64"))).toString();
  expect(text === "iris,".repeat(times)).toBe(true);
});

test("zstd is read by Node 20 too, which has none of its own", async () => {
  const readZstd = await loadZstd();
  for (const [, times, base64] of JAVA.filter(([name]) => name === "ZSTD")) {
    const text = (await readZstd(Buffer.from(base64, "base64"))).toString();
    expect(text === "iris,".repeat(times)).toBe(true);
  }
});

/** Bytes with repetitions near and far, or none. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.uint8Array({ maxLength: 20 }), fc.nat(9000))
        .map(([part, times]) => Buffer.alloc(part.length * times, part)),
    ),
  )
  .map((parts) => Buffer.concat(parts));

describe("what these compress in other ways", () => {
  const random = (name: Name, encode: (data: Buffer) => Buffer) =>
    fc.assert(
      fc.asyncProperty(bytes, async (data) => {
        expect((await decompress(name, encode(data))).equals(data)).toBe(true);
      }),
    );

  test("gzip", () => random("GZIP", (data) => gzipSync(data)));
  test("snappy in one block, as clients in C write it", () => random("Snappy", compressSnappy));
  test("snappy in blocks, as clients in Java write it", () =>
    random("Snappy", (data) => {
      const middle = data.length >> 1;
      return frame([data.subarray(0, middle), data.subarray(middle)].map(compressSnappy));
    }));
  test.each([true, false])("lz4, with checksums: %s", (checksums) =>
    random("LZ4", (data) =>
      compressFrameSync(data, { contentChecksum: checksums, blockChecksums: checksums }),
    ),
  );
});

describe("is corrupt, and not a fault of the program", () => {
  const ONE_BYTE_MORE = Buffer.alloc(MAX_DECOMPRESSED + 1);
  const cases: [string, Name, () => Buffer][] = [
    ...NAMES.map((name): [string, Name, () => Buffer] => [
      `rubbish as ${name}`,
      name,
      () => Buffer.from("rubbish"),
    ]),
    ["gzip, cut off", "GZIP", () => gzipSync("iris, iris, iris").subarray(0, -9)],
    [
      "a last snappy block, cut off",
      "Snappy",
      () => frame([compressSnappy(Buffer.from("iris"))]).subarray(0, -1),
    ],
    ["lz4, cut off", "LZ4", () => compressFrameSync(Buffer.from("iris, iris")).subarray(0, -5)],
    ["zstd, cut off", "ZSTD", () => Buffer.from("KLUv/QBYZAAAKGlyaXMs", "base64")],
    ["gzip of more than 64 MB", "GZIP", () => gzipSync(ONE_BYTE_MORE)],
    ["snappy of more than 64 MB", "Snappy", () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])],
    ["lz4 of more than 64 MB", "LZ4", () => compressFrameSync(ONE_BYTE_MORE)],
    ["zstd of more than 64 MB", "ZSTD", manyBlocks],
    ["zstd with a window of 2 GB", "ZSTD", () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0])],
  ];
  test.each(cases)("%s", async (_, name, make) => {
    await expect(decompress(name, make())).rejects.toThrow(CorruptDataError);
    await expect(decompress(name, make())).rejects.toThrow(new RegExp(`^${name} data `, "i"));
  });

  /** One zstd frame of 513 blocks, each of which repeats a byte 131,072 times. */
  function manyBlocks(): Buffer {
    const block = (last: number) => {
      const header = Buffer.alloc(4);
      header.writeUIntLE((131_072 << 3) | (1 << 1) | last, 0, 3);
      return header;
    };
    const blocks = Array.from({ length: 513 }, (__, index) => block(index === 512 ? 1 : 0));
    return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3]), ...blocks]);
  }

  test("zstd of more than 64 MB, or with a window of 2 GB, on Node 20 too", async () => {
    const readZstd = await loadZstd();
    expect(() => readZstd(manyBlocks())).toThrow("more than 67108864 bytes");
    expect(() => readZstd(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0]))).toThrow("128 MB");
  });
});

test.skipIf(nativeZstd === undefined)("both readers of zstd make the same of random blocks", async () => {
  const readZstd = await loadZstd();
  const zlib = (await import("node:zlib")) as unknown as { zstdCompress: typeof nativeZstd };
  const compress = promisify(zlib.zstdCompress as NonNullable<typeof nativeZstd>);
  await fc.assert(
    fc.asyncProperty(bytes, async (data) => {
      const compressed = await compress(data, {} as { maxOutputLength: number });
      expect((await decompress("ZSTD", compressed)).equals(data)).toBe(true);
      expect((await readZstd(compressed)).equals(data)).toBe(true);
    }),
  );
});

test("sending with gzip works as before, and with another compression says that it does not", async () => {
  const encoder = { buffer: Buffer.from("iris") };
  const compressed = await CompressionCodecs[CompressionTypes.GZIP]().compress(encoder);
  expect((await decompress("GZIP", compressed)).toString()).toBe("iris");
  const { compress } = CompressionCodecs[CompressionTypes.ZSTD]();
  expect(() => compress(encoder)).toThrow("Sending with zstd is not supported");
});
