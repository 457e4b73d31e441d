/** Batches made by kafkajs' own encoder, and spoilt. */
import { createRequire } from "node:module";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { registerCodecs } from "./codecs.ts";
import { type ReadMessage, readBatches } from "./record_batches.ts";

const require = createRequire(import.meta.url);
const { RecordBatch } = require("kafkajs/src/protocol/recordBatch/v0");
const encodeRecord = require("kafkajs/src/protocol/recordBatch/record/v0");
const Decoder = require("kafkajs/src/protocol/decoder");
const readWithKafkajs = require("kafkajs/src/protocol/requests/fetch/v4/decodeMessages");
const crc32C = require("kafkajs/src/protocol/recordBatch/crc32C");

const GZIP = 1;
/** Where a batch has its checksum, and what it covers; and where other fields begin. */
const [CRC_AT, COVERED_FROM, LAST_OFFSET_DELTA_AT, COUNT_AT, RECORDS_AT] = [17, 21, 23, 57, 61];

interface Record {
  key?: Buffer | null;
  value?: Buffer | null;
  headers?: object;
}

beforeAll(() => registerCodecs());

async function encode(firstOffset: number, records: Record[], options: object = {}): Promise<Buffer> {
  const { buffer } = await RecordBatch({
    firstOffset,
    lastOffsetDelta: records.length - 1,
    records: records.map(({ key = null, value = null, headers = {} }, offsetDelta) =>
      encodeRecord({ offsetDelta, timestampDelta: offsetDelta * 3, key, value, headers }),
    ),
    ...options,
  });
  return buffer;
}

const texts = (...values: string[]): Record[] => values.map((value) => ({ value: Buffer.from(value) }));

/** A batch after `change`, with a checksum that is right again. */
function changed(batch: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(batch);
  change(copy);
  copy.writeUInt32BE(crc32C(copy.subarray(COVERED_FROM)), CRC_AT);
  return copy;
}

/** Each message in short: its offset and text, or the offsets and the reason why they cannot be read. */
function describeAll(messages: ReadMessage[]): string[] {
  return messages.map(({ offset, value, unreadable }) =>
    unreadable === undefined
      ? `${offset} ${value}`
      : `${unreadable.firstOffset}-${unreadable.lastOffset} at ${offset}: ${unreadable.reason}`,
  );
}

test("batches are read as kafkajs reads them, with every size of key, value, header and offset", async () => {
  const bytes = fc.option(
    fc.uint8Array({ size: "large" }).map((part) => Buffer.from(part)),
    { nil: null },
  );
  const names = fc.string().filter((name) => !(name in {}));
  const headers = fc.dictionary(
    names,
    fc.uint8Array().map((part) => Buffer.from(part)),
    { maxKeys: 5 },
  );
  const record = fc.record({ key: bytes, value: bytes, headers });
  const offset = fc.oneof(fc.nat(), fc.constant(2 ** 52));
  const batch = fc.tuple(fc.array(record, { minLength: 1 }), offset, fc.constantFrom(0, GZIP));
  await fc.assert(
    fc.asyncProperty(fc.array(batch), async (batches) => {
      const encoded = await Promise.all(
        batches.map(([records, firstOffset, compression]) => encode(firstOffset, records, { compression })),
      );
      const set = Buffer.concat(encoded);
      const length = Buffer.alloc(4);
      length.writeInt32BE(set.length);
      const theirs: ReadMessage[] = await readWithKafkajs(new Decoder(Buffer.concat([length, set])));
      const seen = ({ offset, timestamp, key, value, headers, isControlRecord }: ReadMessage) => ({
        ...{ offset, timestamp, key, value, isControlRecord },
        headers: Object.entries(headers),
      });
      expect((await readBatches(set)).map(seen)).toEqual(theirs.map(seen));
    }),
    { numRuns: 40 },
  );
});

test("what follows a batch that cannot be read is read", async () => {
  const [before, bad, after] = await Promise.all([
    encode(5, texts("a", "b")),
    encode(7, texts("c", "d", "e"), { compression: GZIP }),
    encode(10, texts("f")),
  ]);
  const rubbish = changed(bad, (copy) => copy.fill("rubbish", RECORDS_AT));
  expect(describeAll(await readBatches(Buffer.concat([before, rubbish, after])))).toEqual([
    "5 a",
    "6 b",
    "7-9 at 9: gzip data cannot be decompressed: incorrect header check",
    "10 f",
  ]);
});

describe("a batch cannot be read when", () => {
  const cases: [string, (batch: Buffer) => Buffer, string][] = [
    [
      "a bit was changed on the disk",
      (batch) => {
        const copy = Buffer.from(batch);
        copy[RECORDS_AT] = 1 ^ (copy[RECORDS_AT] ?? 0);
        return copy;
      },
      "the checksum is wrong",
    ],
    ["its compression is unknown", (batch) => changed(batch, (copy) => copy.writeInt16BE(6, 21)), "number 6"],
    [
      "it says that it has more records",
      (batch) => changed(batch, (copy) => copy.writeInt32BE(4, COUNT_AT)),
      "cannot hold 4 records",
    ],
    ["it has too many", (batch) => changed(batch, (copy) => copy.writeInt32BE(1e9, COUNT_AT)), "too many"],
    [
      "it has less than none",
      (batch) => changed(batch, (copy) => copy.writeInt32BE(-1, COUNT_AT)),
      "-1 records",
    ],
    [
      "a record is longer than it says",
      (batch) => changed(batch, (copy) => copy.writeInt8(2, RECORDS_AT)),
      "a record of 1 bytes does not end there",
    ],
    [
      "a record ends behind the batch",
      (batch) => changed(batch, (copy) => copy.fill(0xff, RECORDS_AT)),
      "a number has more than 64 bits",
    ],
  ];
  test.each(cases)("%s", async (_, spoil, reason) => {
    const batch = await encode(7, texts("a", "b", "c"));
    const messages = describeAll(await readBatches(spoil(batch)));
    expect(messages).toEqual([expect.stringMatching(/^7-9 at 9: /)]);
    expect(messages[0]).toContain(reason);
  });
});

test("a last offset that is corrupt itself does not hide the next batch", async () => {
  const bad = await encode(7, texts("a", "b", "c"));
  bad.writeInt32BE(1_000_000, LAST_OFFSET_DELTA_AT);
  const after = await encode(10, texts("d"));
  expect(describeAll(await readBatches(Buffer.concat([bad, after])))).toEqual([
    "7-9 at 9: the checksum is wrong",
    "10 d",
  ]);
});

test("a batch that the fetch cuts off is left to the next fetch", async () => {
  const [first, second] = await Promise.all([encode(0, texts("a")), encode(1, texts("b", "c"))]);
  for (const bytes of [1, RECORDS_AT - 1, second.length - 1]) {
    const set = Buffer.concat([first, second.subarray(0, bytes)]);
    expect(describeAll(await readBatches(set))).toEqual(["0 a"]);
  }
});

test("a batch may have more messages than a call takes arguments", async () => {
  const count = 300_000;
  const batch = await encode(0, new Array(count).fill({ value: Buffer.from("a") }), { compression: GZIP });
  expect((await readBatches(batch)).at(-1)?.offset).toBe(String(count - 1));
});

test("headers: null, many of one name, and names that every object has", async () => {
  // kafkajs itself cannot send null: the length of the empty one is changed to -1.
  const batch = await encode(0, [{ headers: { empty: "" } }]);
  const withNull = changed(batch, (copy) => copy.writeUInt8(1, copy.length - 1));
  expect((await readBatches(withNull))[0]?.headers).toEqual({ empty: null });

  const odd = Object.fromEntries([
    ["__proto__", "p"],
    ["constructor", "c"],
    ["twice", ["1", "2"]],
  ]);
  const [message] = await readBatches(await encode(0, [{ headers: odd }]));
  expect(Object.entries(message?.headers ?? {}).map(([name, value]) => [name, String(value)])).toEqual([
    ["__proto__", "p"],
    ["constructor", "c"],
    ["twice", "1,2"],
  ]);
});

test("a megabyte of headers is read at once, where kafkajs takes half an hour", async () => {
  const headers = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`h${index}`, "x"]));
  const [message] = await readBatches(await encode(0, [{ headers }]));
  expect(Object.keys(message?.headers ?? {})).toHaveLength(100_000);
});

test("a transaction's batches say so, as kafkajs asks when it drops what was aborted", async () => {
  const batch = await encode(0, texts("a"), { transactional: true, producerId: 42 });
  expect((await readBatches(batch))[0]?.batchContext).toEqual({ producerId: "42", inTransaction: true });
});
